package dev.virq.srcu;

import dev.virq.sync.Uninterruptibly;
import java.util.concurrent.TimeUnit;

/** One call that waits for a grace period: how long, how, and what happened meanwhile. */
final class Call {
  /** Polls before a scan goes to sleep: a few microseconds, for sections that just end. */
  static final int SPINS = 64;

  final int spins;
  final boolean expedited;
  final Runnable flipped;

  private final boolean timed;
  private final long startNanos;
  private final long limitNanos;

  /** It drove until its time ran out. */
  boolean gaveUp;

  /** Its waits; closed when the call has ended. */
  final Uninterruptibly waits = new Uninterruptibly();

  private Call(boolean expedited, Runnable flipped, boolean timed, long limitNanos) {
    // A call that does not wait at all looks only twice.
    this.spins = timed && limitNanos <= 0 ? 1 : SPINS;
    this.expedited = expedited;
    this.flipped = flipped;
    this.timed = timed;
    this.limitNanos = limitNanos;
    this.startNanos = timed && limitNanos > 0 ? System.nanoTime() : 0;
  }

  static Call patient() {
    return new Call(false, Call::nothing, false, 0);
  }

  static Call patient(Runnable flipped) {
    return new Call(false, flipped, false, 0);
  }

  static Call inHaste() {
    return new Call(true, Call::nothing, false, 0);
  }

  static Call within(long limitNanos) {
    return within(limitNanos, Call::nothing);
  }

  static Call within(long limitNanos, Runnable flipped) {
    return new Call(false, flipped, true, limitNanos);
  }

  /** Time left; 0 or less when it is over. */
  long remainingNanos() {
    if (!timed) {
      return Long.MAX_VALUE;
    }
    return limitNanos <= 0 ? 0 : limitNanos - (System.nanoTime() - startNanos);
  }

  /** Time left for {@link Object#wait(long)}, rounded up: 0 for no limit, less when it is over. */
  long remainingMillis() {
    if (!timed) {
      return 0;
    }
    long nanos = remainingNanos();
    return nanos <= 0 ? -1 : TimeUnit.NANOSECONDS.toMillis(nanos) + 1;
  }

  private static void nothing() {}
}
