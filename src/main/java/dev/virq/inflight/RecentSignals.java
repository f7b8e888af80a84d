package dev.virq.inflight;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.stats.LineCounters;
import java.util.Arrays;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The signals of a host: makes them, numbers them when they are accepted, and keeps the last ones.
 *
 * <p>Any thread; its own monitor is a leaf lock. Grows from nothing to its bound.
 */
public final class RecentSignals {
  /** Finds the counters of a line. */
  @FunctionalInterface
  public interface Lines {
    /** The counters of a line of a VM, or null where they are not kept. Takes no lock. */
    @Nullable LineCounters find(long vm, long gsi);
  }

  private final int bound;
  private final InFlightList inFlight;
  private final Lines lines;
  private final LongSupplier seq;
  private final LongSupplier clockMillis;

  @GuardedBy("this")
  private @Nullable PendingSignal[] ring = {};

  @GuardedBy("this")
  private long last;

  /**
   * No signals yet.
   *
   * @param bound signals kept, at most; rounded down to a power of two, at least 16
   * @param inFlight where a signal is until it is over
   * @param lines the counters that signals move
   * @param seq number of the newest event
   * @param clockMillis time of day in milliseconds since 1970 UTC
   */
  public RecentSignals(
      int bound, InFlightList inFlight, Lines lines, LongSupplier seq, LongSupplier clockMillis) {
    this.bound = Integer.highestOneBit(Math.max(16, bound));
    this.inFlight = inFlight;
    this.lines = lines;
    this.seq = seq;
    this.clockMillis = clockMillis;
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
    return last;
  }

  // ---- for the signals

  /** Keeps a signal; returns its number. */
  synchronized long add(PendingSignal signal) {
    last++;
    if (last > ring.length && ring.length < bound) {
      ring = Arrays.copyOf(ring, Math.min(bound, Math.max(16, ring.length * 2)));
    }
    ring[(int) ((last - 1) & (ring.length - 1))] = signal;
    return last;
  }

  InFlightList inFlight() {
    return inFlight;
  }

  @Nullable LineCounters line(long vm, long gsi) {
    return lines.find(vm, gsi);
  }

  long seq() {
    return seq.getAsLong();
  }

  long nowMillis() {
    return clockMillis.getAsLong();
  }
}
