package dev.virq.eventfd;

import org.jspecify.annotations.Nullable;

/**
 * One write to an eventfd, followed to its end. The calls come in the order of the methods, each
 * once at most; all but {@link #dequeued} and {@link #answered} come exactly once for a write that
 * was not refused.
 */
public interface Signal {
  /** A signal that nobody follows. */
  Signal UNTRACKED =
      new Signal() {
        @Override
        public void accepted(long counter, @Nullable WaitQueueEntry bound) {}

        @Override
        public void dequeued() {}

        @Override
        public void finished(Outcome outcome, long lockNanos) {}

        @Override
        public void over() {}
      };

  /**
   * The write is done and nobody was woken yet. Called with the wait-queue lock held: must not
   * block.
   *
   * @param counter the eventfd's counter after the write, unsigned
   * @param bound what the wake-up goes to, or null
   */
  void accepted(long counter, @Nullable WaitQueueEntry bound);

  /** A worker has taken the injection; called on the worker. */
  void dequeued();

  /**
   * The injection has reached the VM, and this is what the interrupt controller answered: more than
   * 0 delivered, 0 coalesced, less ignored.
   */
  default void answered(int status) {}

  /**
   * The outcome is known; an injection is still inside its read section.
   *
   * @param outcome what became of it
   * @param lockNanos how long the injection held the VM's lock, in nanoseconds; 0 if it did not
   */
  void finished(Outcome outcome, long lockNanos);

  /** Nothing is left to do for it: the read section of its injection has ended. */
  void over();
}
