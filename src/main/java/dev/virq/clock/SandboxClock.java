package dev.virq.clock;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.function.LongSupplier;

/**
 * A clock in nanoseconds, which goes by itself or stands until it is moved.
 *
 * <p>Any thread. A script holds it: until the script is over it stands, and moves by what the
 * script's operations take, so that no answer depends on how fast this machine is. It never goes
 * back.
 */
public final class SandboxClock implements LongSupplier {
  /** What makes it go. */
  public enum Kind {
    /** The time of this machine. */
    REAL,
    /** The caller. */
    VIRTUAL
  }

  /**
   * @param goes whether the machine's time is added
   * @param nanos the time, or what is to be added
   */
  private record Reading(boolean goes, long nanos) {}

  /** In nanoseconds, 146 years. */
  private static final long MOST = 1L << 61;

  private final Kind kind;
  private final LongSupplier machine;

  @GuardedBy("this")
  private int holders;

  /** Written with the lock held, volatile for readers without. */
  private volatile Reading reading;

  /**
   * A clock at 0.
   *
   * @param machine as {@link System#nanoTime}
   */
  public SandboxClock(Kind kind, LongSupplier machine) {
    this.kind = kind;
    this.machine = machine;
    this.reading = new Reading(kind == Kind.REAL, kind == Kind.REAL ? -machine.getAsLong() : 0);
  }

  /** A clock that stands. */
  public static SandboxClock standing() {
    return new SandboxClock(Kind.VIRTUAL, () -> 0);
  }

  /** What makes it go, while no script holds it. */
  public Kind kind() {
    return kind;
  }

  /** Nanoseconds since it was made, and those that it was moved on by. */
  public long now() {
    Reading now = reading;
    return now.goes() ? machine.getAsLong() + now.nanos() : now.nanos();
  }

  /** As {@link #now()}. */
  @Override
  public long getAsLong() {
    return now();
  }

  /**
   * Moves it on, and no further than 2^61: a machine's time can still be added then.
   *
   * @param nanos not negative
   */
  public synchronized void advance(long nanos) {
    Reading now = reading;
    reading = new Reading(now.goes(), saturated(now.nanos(), nanos));
  }

  /**
   * Goes on where another clock was, unless it is further already.
   *
   * @param nanos what that one showed, at most 2^62
   */
  public synchronized void goOnFrom(long nanos) {
    Reading now = reading;
    reading = new Reading(now.goes(), now.nanos() + Math.max(0, nanos - now()));
  }

  private static long saturated(long nanos, long more) {
    return nanos > MOST - more ? Math.max(nanos, MOST) : nanos + more;
  }

  /** It stands until {@link #release} was called as often. */
  public synchronized void hold() {
    if (holders++ == 0) {
      reading = new Reading(false, now());
    }
  }

  /** Undoes one {@link #hold}. */
  public synchronized void release() {
    if (holders == 0) {
      throw new IllegalStateException("the clock is held by nobody");
    }
    if (--holders == 0 && kind == Kind.REAL) {
      reading = new Reading(true, reading.nanos() - machine.getAsLong());
    }
  }

  /** Whether a script holds it: vCPUs then run in operations of their guests only. */
  public synchronized boolean held() {
    return holders > 0;
  }
}
