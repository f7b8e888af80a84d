package dev.virq.inflight;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.limits.Budget;
import dev.virq.limits.Cost;
import dev.virq.trace.TraceBuffer;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The signals of a host: makes them, numbers them when they are accepted, and keeps the last ones.
 *
 * <p>Any thread; its own monitor is a leaf lock. Grows from nothing to its bound, as far as there
 * is memory for history; past that the oldest are overwritten.
 */
public final class RecentSignals {
  /** Signals that are paid for with the sandbox. */
  private static final int FIRST = 16;

  private final int bound;
  private final Budget budget;
  private final InFlightList inFlight;
  private final TraceBuffer log;
  private final long beganNanos;
  private final long beganMillis;

  @GuardedBy("this")
  private @Nullable PendingSignal[] ring = {};

  @GuardedBy("this")
  private long last;

  /** Numbers that were used before this host. */
  @GuardedBy("this")
  private long before;

  @GuardedBy("this")
  private boolean ended;

  /**
   * No signals yet.
   *
   * @param bound signals kept, at most; rounded down to a power of two, at least 16
   * @param budget the sandbox's
   * @param inFlight where a signal is until it is over
   * @param log the events, whose clock times them
   * @param clockMillis time of day in milliseconds since 1970 UTC; read once
   */
  public RecentSignals(
      int bound, Budget budget, InFlightList inFlight, TraceBuffer log, LongSupplier clockMillis) {
    this.bound = Integer.highestOneBit(Math.max(FIRST, bound));
    this.budget = budget;
    this.inFlight = inFlight;
    this.log = log;
    this.beganNanos = log.nanos();
    this.beganMillis = clockMillis.getAsLong();
  }

  /**
   * A signal not accepted yet.
   *
   * @param eventfd number of the eventfd that it is of
   */
  public PendingSignal signal(long eventfd) {
    return new PendingSignal(this, eventfd);
  }

  /** The signal of that number, or null when there was none or it is no longer kept. */
  public synchronized @Nullable PendingSignal find(long number) {
    if (number < 1 || number > last || number <= last - ring.length) {
      return null;
    }
    return ring[(int) ((number - 1) & (ring.length - 1))];
  }

  /** How many were accepted. */
  public synchronized long accepted() {
    return last - before;
  }

  /** The number of the next one. */
  public synchronized long next() {
    return last + 1;
  }

  /** The next one gets that number; there was none here yet. */
  public synchronized void startAt(long next) {
    if (last > 0) {
      throw new IllegalStateException("sig-" + last + " was accepted already");
    }
    before = next - 1;
    last = before;
    ring = new PendingSignal[FIRST];
  }

  // ---- for the signals

  /** Keeps a signal; returns its number. */
  synchronized long add(PendingSignal signal) {
    last++;
    // Once a round: a ring that got no memory is not to ask for each signal.
    if (((int) (last - 1) & (ring.length - 1)) == 0 && ring.length < bound) {
      grow();
    }
    ring[(int) ((last - 1) & (ring.length - 1))] = signal;
    return last;
  }

  /** Doubles the slots if there is memory; each signal is in the slot that its number says. */
  @GuardedBy("this")
  private void grow() {
    int before = ring.length;
    int capacity = Math.min(bound, Math.max(FIRST, before * 2));
    if (before > 0 && (ended || !budget.tryRecord(Cost.KEPT_SIGNAL.of(capacity - before)))) {
      return;
    }
    @Nullable PendingSignal[] more = new PendingSignal[capacity];
    System.arraycopy(ring, 0, more, (int) (last - 1 - before) & (capacity - 1), before);
    ring = more;
  }

  /** The host is gone: gives back what the kept signals took. */
  public synchronized void end() {
    if (!ended) {
      ended = true;
      budget.forget(Cost.KEPT_SIGNAL.of(Math.max(0, ring.length - FIRST)));
    }
  }

  InFlightList inFlight() {
    return inFlight;
  }

  long seq() {
    return log.seq();
  }

  /** The time, on the clock of the event log. */
  long nanos() {
    return log.nanos();
  }

  /** The time of day, in milliseconds since 1970 UTC, at a moment of that clock. */
  long millisAt(long nanos) {
    return beganMillis + TimeUnit.NANOSECONDS.toMillis(nanos - beganNanos);
  }
}
