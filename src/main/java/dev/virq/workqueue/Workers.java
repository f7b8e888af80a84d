package dev.virq.workqueue;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/** Starts the worker threads of a host's queues. */
@FunctionalInterface
public interface Workers {
  /**
   * Where the workers of one queue run.
   *
   * @param name names the sandbox and the queue
   */
  Executor forQueue(String name);

  /**
   * Virtual threads: none exists while its queue is idle, and a sleeping one holds no processor.
   */
  static Workers virtual() {
    return name -> {
      AtomicLong started = new AtomicLong();
      return task -> Thread.ofVirtual().name(name + "-" + started.incrementAndGet()).start(task);
    };
  }
}
