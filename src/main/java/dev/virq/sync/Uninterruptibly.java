package dev.virq.sync;

/**
 * Waits on the calling thread that an interrupt does not end. The interrupt is kept, and the
 * thread's flag is set again when the waiting is over.
 *
 * <p>A wait for one event, such as a latch, is one call of {@link #await}. A wait for a condition
 * under a lock keeps its loop, so that the compiler still sees which lock guards the condition:
 *
 * <pre>{@code
 * try (Uninterruptibly waits = new Uninterruptibly()) {
 *   synchronized (this) {
 *     while (!done) {
 *       waits.once(() -> wait());
 *     }
 *   }
 * }
 * }</pre>
 *
 * A time limit is a deadline that the caller computes before the loop. Used by one thread, which
 * creates and closes it.
 */
public final class Uninterruptibly implements AutoCloseable {
  private boolean interrupted;

  /** No interrupt so far. */
  public Uninterruptibly() {}

  /**
   * Waits to the end, however often the thread is interrupted.
   *
   * @param wait is started again after every interrupt
   */
  public static void await(InterruptibleWait wait) {
    try (Uninterruptibly waits = new Uninterruptibly()) {
      boolean ended = false;
      while (!ended) {
        ended = waits.once(wait);
      }
    }
  }

  /**
   * Waits once; an interrupt ends this wait and is kept. The caller looks at its condition again.
   *
   * @return false when an interrupt ended the wait
   */
  public boolean once(InterruptibleWait wait) {
    try {
      wait.await();
      return true;
    } catch (InterruptedException e) {
      interrupted = true;
      return false;
    }
  }

  /**
   * Takes the thread's interrupt flag and keeps it. After {@link
   * java.util.concurrent.locks.LockSupport#park() park}, which leaves the flag set and would not
   * wait again.
   */
  public void keep() {
    interrupted |= Thread.interrupted();
  }

  /** Sets the thread's interrupt flag if an interrupt was kept. */
  @Override
  public void close() {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
