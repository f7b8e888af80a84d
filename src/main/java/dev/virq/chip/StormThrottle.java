package dev.virq.chip;

import dev.virq.routing.Chip;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Slows an interrupt storm down: after 10,000 ends in a row of a pin that find its level line still
 * high, the next delivery is put off by 10 ms, and the count begins again. All pins share one
 * delay, and it is not begun anew while it runs. See behaviour.md §7.8. Not thread-safe: the chip
 * lock is held.
 */
final class StormThrottle {
  /** Ends in a row after which a delivery is put off. */
  static final int MOST_ENDS = 10_000;

  /** By how much it is put off, in nanoseconds of the sandbox's clock. */
  static final long DELAY_NANOS = 10_000_000;

  private final LongSupplier clock;

  /** Ends in a row that found the line high, by pin. */
  private final int[] ends = new int[Chip.IOAPIC.pins()];

  private boolean waiting;

  /** When what is put off is delivered, while something is. */
  private long due;

  StormThrottle(LongSupplier clock) {
    this.clock = clock;
  }

  /**
   * A level interrupt of the pin has ended.
   *
   * @param high whether it is to be delivered again
   * @return whether that is now
   */
  boolean ended(int pin, boolean high) {
    if (!high) {
      ends[pin] = 0;
      return false;
    }
    ends[pin]++;
    if (ends[pin] < MOST_ENDS) {
      return true;
    }
    ends[pin] = 0;
    if (!waiting) {
      waiting = true;
      due = clock.getAsLong() + DELAY_NANOS;
    }
    return false;
  }

  /** Whether the delay has run out since it was last asked. */
  boolean over() {
    boolean over = waiting && due <= clock.getAsLong();
    waiting &= !over;
    return over;
  }

  /** All of it at that time. */
  IoApicState.Storm whole(long now) {
    return new IoApicState.Storm(
        Arrays.stream(ends).boxed().toList(), waiting ? (Long) Math.max(0, due - now) : null);
  }

  /** Becomes what another was; what is left is left from that time on. */
  void become(IoApicState.Storm state, long now) {
    List<Integer> counts = state.ends();
    IntStream.range(0, ends.length).forEach(pin -> ends[pin] = counts.get(pin));
    @Nullable Long left = state.leftNanos();
    waiting = left != null;
    due = left == null ? 0 : now + left;
  }
}
