package dev.virq.protocol;

import dev.virq.workqueue.WorkQueue;

/** Where bindings end. */
@FunctionalInterface
public interface TearDownQueue {
  /** On a queue of its own: a tear-down waits for injections. */
  TearDownQueue OWN = (injection, cleanup) -> cleanup;

  /** The queue that tear-downs run on, of these two. */
  WorkQueue of(WorkQueue injection, WorkQueue cleanup);
}
