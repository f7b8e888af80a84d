package dev.virq.attacks.rig;

import java.util.concurrent.locks.LockSupport;

/** The beat of a load that has a rate, or of an attack that lasts. */
public final class Pace {
  private final long interval;
  private long next = System.nanoTime();

  /** One beat every so many nanoseconds. */
  public Pace(long interval) {
    this.interval = interval;
  }

  /**
   * Waits for the next beat. A beat that was missed is not made up for.
   *
   * @return when it was due
   */
  public long await() {
    long due = Math.max(next, System.nanoTime() - interval);
    next = due + interval;
    until(due);
    return due;
  }

  /** Waits until that moment of {@link System#nanoTime()}, or until the thread is interrupted. */
  public static void until(long moment) {
    for (long left = moment - System.nanoTime();
        left > 0 && !Thread.currentThread().isInterrupted();
        left = moment - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
