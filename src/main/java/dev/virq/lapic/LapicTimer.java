package dev.virq.lapic;

import java.math.BigInteger;
import java.util.function.LongSupplier;

/**
 * The timer of a local APIC: one-shot, periodic, or up to a deadline of the time-stamp counter.
 *
 * <p>Source: Intel SDM volume 3, "APIC Timer"; behaviour.md §14. Its clock counts nanoseconds, and
 * so does the time-stamp counter. An expiry is pending until the vCPU runs, and further ones are
 * merged with it. Not thread-safe: the chip lock is held.
 */
final class LapicTimer {
  /** The mode's bits in the local vector. */
  static final int PERIODIC = 1 << 17;

  private static final int MODE_SHIFT = 17;

  static final int DEADLINE = 2 << 17;

  /** Stands: no expiry comes from it. */
  private static final int RESERVED = PERIODIC | DEADLINE;

  /** A shorter period is lengthened to this. */
  private static final long SHORTEST_PERIOD = 200_000;

  /** A time that does not come. */
  static final long NEVER = Long.MAX_VALUE;

  private final LongSupplier clock;

  /** Mode bits that the vCPU's CPUID table lets a guest set. */
  private int modes;

  private int mode;
  private int initial;
  private int divide;

  /** Nanoseconds that the initial count stands for; 0 when there is none. */
  private long period;

  /** When it runs out, or has run out. */
  private long target;

  private boolean armed;
  private boolean pending;

  /** Whether the expiry that is pending was not taken when it could be. */
  private boolean kept;

  /** Unsigned; 0 for none. */
  private long deadline;

  LapicTimer(LongSupplier clock) {
    this.clock = clock;
  }

  /** Back to reset; what the CPUID table says stays. */
  void reset() {
    cancel();
    initial = 0;
    divide = 0;
    period = 0;
    deadline = 0;
    mode = 0;
  }

  private void cancel() {
    armed = false;
    pending = false;
  }

  // ---- what the CPUID table allows

  /** Sets the mode bits that a guest can set. */
  void allow(int bits) {
    modes = bits;
  }

  /** The mode bits that a guest can set. */
  int modes() {
    return modes;
  }

  // ---- expiry

  /** Whether it will expire, or has. */
  boolean active() {
    return armed || pending;
  }

  /** When somebody has to look at it: when it runs out, or at once while an expiry is pending. */
  long next() {
    return pending ? Long.MIN_VALUE : target;
  }

  /** Takes note of an expiry that is due by then, so many nanoseconds from now. */
  void expire(int within) {
    expireBy(later(clock.getAsLong(), within));
  }

  /** Takes note of an expiry that is due by that time. */
  void expireBy(long now) {
    if (!armed || target > now) {
      return;
    }
    if (!pending) {
      pending = true;
      kept = false;
    }
    if (mode == PERIODIC) {
      target = later(target, (1 + (now - target) / period) * period);
    } else {
      armed = false;
    }
  }

  /**
   * Takes the expiry that is pending, if there is one. It is kept while the local vector is masked,
   * and once it was kept, until KVM looks for it again.
   *
   * @param masked whether the local vector is masked
   * @param looked for, or only met
   */
  boolean takeExpiry(boolean masked, boolean looked) {
    if (!pending) {
      return false;
    }
    if (masked || (kept && !looked)) {
      kept = true;
      return false;
    }
    pending = false;
    if (mode == DEADLINE) {
      deadline = 0;
    } else if (mode == 0) {
      target = 0;
    }
    return true;
  }

  /** Forgets an expiry that is pending. */
  void forgetExpiry() {
    pending = false;
  }

  // ---- registers

  /** The local vector has this value now. */
  void follow(int vector) {
    int next = vector & modes;
    if (mode == next) {
      return;
    }
    if ((mode == DEADLINE) != (next == DEADLINE)) {
      cancel();
      initial = 0;
      period = 0;
      deadline = 0;
    }
    mode = next;
    lengthen();
  }

  int initial() {
    return initial;
  }

  int divide() {
    return divide;
  }

  /** What is left of the count. */
  int current() {
    if (initial == 0 || period == 0) {
      return 0;
    }
    long left = Math.max(0, target - clock.getAsLong());
    return (int) (left % period / divisor());
  }

  /** A store to the initial count starts it, and 0 stops it. */
  void count(int value) {
    if (mode == DEADLINE) {
      return;
    }
    cancel();
    initial = value;
    start(NEVER);
  }

  /** A store to the divide register rescales what is left; one that has run out runs out again. */
  void divide(int value) {
    long before = divisor();
    divide = value & 0xb;
    if (divisor() == before || period == 0) {
      return;
    }
    armed = false;
    period = whole();
    lengthen();
    long now = clock.getAsLong();
    target = later(now, scaled(Math.max(0, target - now), divisor(), before));
    restart(now);
  }

  private static long scaled(long nanos, long by, long from) {
    // Powers of 2, and whole when the larger one divides.
    return by >= from ? nanos * (by / from) : nanos / (from / by);
  }

  /** A host restore: it runs for what the current count says, and an expired one-shot expires. */
  void restore(int vector) {
    int left = current();
    cancel();
    follow(vector);
    long nanos = Integer.toUnsignedLong(left) * divisor();
    if (mode == PERIODIC && nanos == 0) {
      nanos = NEVER;
    }
    start(nanos);
  }

  /** The model-specific register of the deadline. */
  long deadline() {
    return mode == DEADLINE ? deadline : 0;
  }

  /** A store to it, unsigned: 0 stops the timer. */
  void deadline(long counter) {
    if (mode != DEADLINE) {
      return;
    }
    armed = false;
    deadline = counter;
    pending = false;
    restart(clock.getAsLong());
  }

  // ---- all of it

  /** All of it at that time, with what is left from then on. */
  TimerState whole(long now) {
    return new TimerState(
        modes >> MODE_SHIFT,
        mode >> MODE_SHIFT,
        Integer.toUnsignedLong(initial),
        divide,
        period,
        Math.max(0, target - now),
        armed,
        pending,
        kept,
        new BigInteger(Long.toUnsignedString(deadline)));
  }

  /** Becomes what another was; what is left is left from that time on. */
  void become(TimerState state, long now) {
    modes = state.modes() << MODE_SHIFT;
    mode = state.mode() << MODE_SHIFT;
    initial = (int) state.initial();
    divide = state.divide();
    period = state.periodNanos();
    target = later(now, state.leftNanos());
    armed = state.armed();
    pending = state.pending();
    kept = state.kept();
    deadline = state.deadline().longValue();
  }

  /** Starts it, to run out after that time or its period, whichever is shorter. */
  private void start(long nanos) {
    pending = false;
    long now = clock.getAsLong();
    if (mode != DEADLINE && mode != RESERVED) {
      period = whole();
      if (period == 0) {
        return;
      }
      lengthen();
      target = later(now, Math.min(nanos, period));
    }
    restart(now);
  }

  private void restart(long now) {
    if (mode == RESERVED || (mode != PERIODIC && pending)) {
      return;
    }
    if (mode == DEADLINE) {
      if (deadline == 0) {
        return;
      }
      target = deadline < 0 ? NEVER : deadline;
    } else if (period == 0) {
      return;
    }
    armed = true;
    expireBy(now);
  }

  /** Nanoseconds of the initial count. */
  private long whole() {
    return Integer.toUnsignedLong(initial) * divisor();
  }

  private long divisor() {
    return 1L << ((((divide & 3) | ((divide & 8) >> 1)) + 1) & 7);
  }

  private void lengthen() {
    if (mode == PERIODIC && period > 0) {
      period = Math.max(period, SHORTEST_PERIOD);
    }
  }

  private static long later(long nanos, long more) {
    return nanos > NEVER - more ? NEVER : nanos + more;
  }
}
