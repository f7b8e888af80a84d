package dev.virq.attacks.rig;

import java.util.Arrays;
import java.util.Locale;

/** Lengths of time, the newest {@link #CAPACITY} of them. Safe for several threads. */
public final class Latencies {
  private static final int CAPACITY = 1 << 16;

  private final long[] nanos = new long[CAPACITY];
  private long count;

  /** Takes note of one. */
  public synchronized void add(long length) {
    nanos[(int) (count++ % CAPACITY)] = length;
  }

  /** How many there were. */
  public synchronized long count() {
    return count;
  }

  /** The one that this part of all, 0 to 1, does not exceed, in milliseconds; 0 without any. */
  public double millis(double part) {
    long[] sorted = sorted();
    if (sorted.length == 0) {
      return 0;
    }
    int rank = (int) Math.ceil(part * sorted.length);
    return sorted[Math.max(rank, 1) - 1] / 1e6;
  }

  private synchronized long[] sorted() {
    long[] copy = Arrays.copyOf(nanos, (int) Math.min(count, CAPACITY));
    Arrays.sort(copy);
    return copy;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "n=%d p50=%.1f p99=%.1f max=%.1f ms",
        count(),
        millis(0.5),
        millis(0.99),
        millis(1));
  }
}
