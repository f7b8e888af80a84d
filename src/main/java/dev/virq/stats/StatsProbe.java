package dev.virq.stats;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.limits.Budget;
import dev.virq.limits.Cost;
import dev.virq.trace.Detail;
import dev.virq.trace.Outcome;
import dev.virq.trace.Probe;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/** A probe that counts what one host does: signals by outcome, and grace periods. */
public final class StatsProbe implements Probe {
  /** Upper bounds of the histogram's buckets, in nanoseconds: 1, 2, 5 times 10 µs to 10 s. */
  private static final long[] BOUNDS = bounds();

  /** Grace periods whose duration is kept, for the quantiles. */
  private static final int KEPT = 1024;

  /** Those that are paid for with the sandbox. */
  private static final int FIRST = 16;

  /**
   * Grace periods so far; the quantiles are of the last 1,024.
   *
   * @param count how many ended
   * @param p50Nanos median, in nanoseconds
   * @param p99Nanos 99th percentile, in nanoseconds
   * @param maxNanos longest ever, in nanoseconds
   * @param buckets how many took at most so many nanoseconds, cumulative
   */
  public record GracePeriods(
      long count, long p50Nanos, long p99Nanos, long maxNanos, Map<String, Long> buckets) {}

  private final Budget budget;
  private final AtomicLongArray outcomes = new AtomicLongArray(Outcome.values().length);

  @GuardedBy("this")
  private long count;

  @GuardedBy("this")
  private long max;

  @GuardedBy("this")
  private long[] last = {};

  @GuardedBy("this")
  private long[] buckets = {};

  @GuardedBy("this")
  private boolean ended;

  /** Counts, and keeps as many grace periods as there is memory for. */
  public StatsProbe(Budget budget) {
    this.budget = budget;
  }

  /** Counts for a host that is embedded in a program, such as a test. */
  public StatsProbe() {
    this(Budget.unbounded());
  }

  @Override
  public boolean observes(Tracepoint point) {
    return point == Tracepoint.SIGNAL_FINISHED || point == Tracepoint.SYNC_END;
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, Outcome outcome) {
    if (point == Tracepoint.SIGNAL_FINISHED) {
      outcomes.incrementAndGet(outcome.ordinal());
    }
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, Detail detail) {
    if (point == Tracepoint.SYNC_END) {
      gracePeriod(value);
    }
  }

  /** Signals with that outcome. */
  public long of(Outcome outcome) {
    return outcomes.get(outcome.ordinal());
  }

  /** Signals by outcome, all outcomes. */
  public Map<Outcome, Long> byOutcome() {
    Map<Outcome, Long> all = new EnumMap<>(Outcome.class);
    for (Outcome outcome : Outcome.values()) {
      all.put(outcome, of(outcome));
    }
    return all;
  }

  /** Grace periods so far. */
  public synchronized GracePeriods gracePeriods() {
    int kept = (int) Math.min(count, last.length);
    long[] sorted = Arrays.copyOf(last, kept);
    Arrays.sort(sorted);
    Map<String, Long> histogram = new LinkedHashMap<>();
    long below = 0;
    for (int i = 0; i < buckets.length; i++) {
      below += buckets[i];
      histogram.put(i < BOUNDS.length ? Long.toString(BOUNDS[i]) : "+Inf", below);
    }
    return new GracePeriods(
        count,
        quantile(sorted, 0.50),
        quantile(sorted, 0.99),
        max,
        Collections.unmodifiableMap(histogram));
  }

  /** The host is gone: gives back what the kept grace periods took. */
  public synchronized void end() {
    if (!ended) {
      ended = true;
      budget.forget(Cost.KEPT_GRACE_PERIOD.of(Math.max(0, last.length - FIRST)));
    }
  }

  private synchronized void gracePeriod(long nanos) {
    if (buckets.length == 0) {
      buckets = new long[BOUNDS.length + 1];
    }
    if (last.length == 0) {
      last = new long[FIRST];
    } else if (count == last.length
        && last.length < KEPT
        && !ended
        && budget.tryRecord(Cost.KEPT_GRACE_PERIOD.of(last.length))) {
      last = Arrays.copyOf(last, last.length * 2);
    }
    last[(int) (count % last.length)] = nanos;
    count++;
    max = Math.max(max, nanos);
    int bucket = 0;
    while (bucket < BOUNDS.length && nanos > BOUNDS[bucket]) {
      bucket++;
    }
    buckets[bucket]++;
  }

  private static long quantile(long[] sorted, double quantile) {
    if (sorted.length == 0) {
      return 0;
    }
    return sorted[
        (int) Math.min(sorted.length - 1L, (long) Math.ceil(quantile * sorted.length) - 1)];
  }

  private static long[] bounds() {
    long[] bounds = new long[19];
    long decade = 10_000;
    for (int i = 0; i < bounds.length; i++) {
      bounds[i] = decade * new long[] {1, 2, 5}[i % 3];
      if (i % 3 == 2) {
        decade *= 10;
      }
    }
    return bounds;
  }
}
