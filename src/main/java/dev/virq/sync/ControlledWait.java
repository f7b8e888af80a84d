package dev.virq.sync;

import java.util.function.BooleanSupplier;

/**
 * Marks the places where a thread is about to wait for other threads. A scheduler that lets the
 * threads of a run take turns is notified here and gives the turn to another thread; for threads
 * without such a scheduler this does nothing.
 *
 * <p>Together with the stoppable tracepoints these are all places at which such a scheduler has to
 * decide which thread runs next. No lock is held at any of them.
 */
public final class ControlledWait {
  /** Decides when a thread of its run may continue. */
  @FunctionalInterface
  public interface Scheduler {
    /**
     * The calling thread can continue only when a condition is true. Returns when it is true and
     * the thread has its turn.
     *
     * @param over whether the condition is true; takes leaf locks only, any thread may ask
     */
    void until(BooleanSupplier over);
  }

  private static final ScopedValue<Scheduler> SCHEDULER = ScopedValue.newInstance();

  private ControlledWait() {}

  /** The calling thread is about to wait until a condition is true. No lock held. */
  public static void before(BooleanSupplier over) {
    if (SCHEDULER.isBound()) {
      SCHEDULER.get().until(over);
    }
  }

  /** Whether a scheduler decides when the calling thread goes on. */
  public static boolean isControlled() {
    return SCHEDULER.isBound();
  }

  /** Runs the body of a thread whose waits are decided by a scheduler. */
  public static void run(Scheduler scheduler, Runnable body) {
    ScopedValue.where(SCHEDULER, scheduler).run(body);
  }
}
