package dev.virq.host;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The last signals by number. Guarded by its own monitor, a leaf. Grows from nothing to its bound.
 */
final class RecentSignals {
  private final int bound;

  // All guarded by this.
  private @Nullable PendingSignal[] ring = {};
  private long last;

  RecentSignals(int bound) {
    this.bound = Integer.highestOneBit(Math.max(16, bound));
  }

  /** Keeps a signal; returns its number. */
  synchronized long add(PendingSignal signal) {
    last++;
    if (last > ring.length && ring.length < bound) {
      ring = Arrays.copyOf(ring, Math.min(bound, Math.max(16, ring.length * 2)));
    }
    ring[(int) ((last - 1) & (ring.length - 1))] = signal;
    return last;
  }

  /** The signal of that number, or null when there was none or it is no longer kept. */
  synchronized @Nullable PendingSignal find(long number) {
    if (number < 1 || number > last || number <= last - ring.length) {
      return null;
    }
    return ring[(int) ((number - 1) & (ring.length - 1))];
  }

  /** How many were accepted. */
  synchronized long accepted() {
    return last;
  }
}
