package dev.virq.eventfd;

import dev.virq.trace.Detail;
import dev.virq.trace.LineStatus;
import dev.virq.trace.Outcome;
import dev.virq.trace.Probe;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import org.jspecify.annotations.Nullable;

/**
 * One write to an eventfd, followed to its end by an implementation of this. The calls come in the
 * order of the methods, each once at most; all but {@link #takesOver}, {@link #dequeued}, {@link
 * #begins} and {@link #answered} come exactly once for a write that was not refused.
 *
 * <p>A signal only listens: the tracepoints on its way are hit by the code that carries it.
 */
public interface Signal extends Subject, Detail {
  /** A signal that is not followed. */
  Signal UNTRACKED =
      new Signal() {
        @Override
        public void accepted(long counter, @Nullable WaitQueueEntry bound) {}

        @Override
        public void dequeued() {}

        @Override
        public void finished(Outcome outcome, long lockNanos, long totalNanos) {}

        @Override
        public void over() {}

        // It is not followed, so nothing counts it.
        @Override
        public void finish(Probe probe, Outcome outcome, long lockNanos, long now) {}
      };

  /**
   * Its number in the sandbox, from 1; 0 while it is not accepted, and for one that is not
   * followed.
   */
  @Override
  default long signalId() {
    return 0;
  }

  /**
   * The write is done and nothing was woken yet; {@link Tracepoint#EVENTFD_SIGNALLED} comes next.
   * Called with the wait-queue lock held: must not block.
   *
   * @param counter the eventfd's counter after the write, unsigned
   * @param bound what the wake-up goes to, or null
   */
  void accepted(long counter, @Nullable WaitQueueEntry bound);

  /**
   * Its injection is asked for. A signal whose write is under way may take it over, and has it
   * proceed when the write is over. Called with the wait-queue lock held: must not block.
   *
   * @return whether it takes it over
   */
  default boolean takesOver(Deferred injection) {
    return false;
  }

  /** The time, on the clock of the event log. */
  default long now() {
    return 0;
  }

  /** A thread begins with the injection; called on that thread. */
  void dequeued();

  /**
   * The injection begins: this is the moment until which it was queued.
   *
   * @param section whether its read section begins at the same moment: nothing can stop the thread
   *     in between
   */
  default void begins(boolean section) {}

  /**
   * The injection has reached the VM, and this is what the interrupt controller answered: more than
   * 0 delivered, 0 coalesced, less ignored.
   */
  default void answered(int status) {}

  /** What the interrupt controller answered, as a word; null when it was not asked. */
  default @Nullable LineStatus answer() {
    return null;
  }

  /**
   * The outcome is known: this is the moment that {@link #nanos} says from here on.
   *
   * @param now when, on the clock of the event log; 0 to read it
   * @return nanoseconds since it was accepted
   */
  default long ends(long now) {
    return 0;
  }

  /**
   * The outcome is known and {@link Tracepoint#SIGNAL_FINISHED} was hit; an injection is still
   * inside its read section.
   *
   * @param outcome what became of it
   * @param lockNanos how long the injection held the VM's lock, in nanoseconds; 0 if it did not
   * @param totalNanos from the write to the outcome, in nanoseconds
   */
  void finished(Outcome outcome, long lockNanos, long totalNanos);

  /** Nothing is left to do for it: the read section of its injection has ended. */
  void over();

  /**
   * Ends a signal for the code that carries it: hits the tracepoint, then calls {@link #finished}.
   *
   * @param probe sees the step
   * @param outcome what became of it
   * @param lockNanos as for {@link #finished}
   * @param now as for {@link #ends}
   */
  default void finish(Probe probe, Outcome outcome, long lockNanos, long now) {
    long totalNanos = ends(now);
    probe.hit(Tracepoint.SIGNAL_FINISHED, this, totalNanos, outcome);
    LineStatus answer = answer();
    if (answer != null) {
      probe.hit(Tracepoint.SIGNAL_ANSWERED, this, 0, answer);
    }
    finished(outcome, lockNanos, totalNanos);
  }
}
