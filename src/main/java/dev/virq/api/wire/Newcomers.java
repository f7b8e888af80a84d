package dev.virq.api.wire;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * New connections that have sent something, of which no thread has read yet. While they are many,
 * no further connection is taken for a moment: threads come in turn, so who opens connections as
 * fast as it can would be in front of all who have one already.
 */
final class Newcomers {
  /** So many may wait. */
  static final int MOST = 64;

  /** A connection is taken after so many looks, however many wait: a bound if threads are stuck. */
  static final int LOOKS = 25;

  private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

  private final AtomicInteger waiting = new AtomicInteger();
  private final Runnable pause;

  /** Nobody waits. */
  Newcomers() {
    this(() -> LockSupport.parkNanos(LOOK_NANOS));
  }

  /**
   * As above.
   *
   * @param pause between two looks
   */
  Newcomers(Runnable pause) {
    this.pause = pause;
  }

  /** One waits from now on. */
  void comes() {
    waiting.incrementAndGet();
  }

  /** One waits no longer. */
  void begins() {
    waiting.decrementAndGet();
  }

  /** How many wait. */
  int waiting() {
    return waiting.get();
  }

  /**
   * On the thread that takes connections, before the next one.
   *
   * @return how often it waited
   */
  @CanIgnoreReturnValue
  int beforeNext() {
    int looks = 0;
    while (looks < LOOKS && waiting.get() >= MOST) {
      pause.run();
      looks++;
    }
    return looks;
  }
}
