package dev.virq.srcu;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Counters on cache lines of their own, for a domain whose readers meet.
 *
 * <p>With the padding the counters of two stripes allocated one after the other are 128 bytes
 * apart: a line and the one that the processor fetches along with it. The array that every reader
 * reads is padded too: a collector likes to put a stripe right behind it.
 */
@SuppressWarnings("unused") // padding
class Stripe extends Counters {
  private long p00;
  private long p01;
  private long p02;
  private long p03;
  private long p04;
  private long p05;
  private long p06;
  private long p07;
  private long p08;
  private long p09;
  private long p10;
  private long p11;

  /** Places of the array that are left empty: with references of 4 bytes, 128 bytes. */
  private static final int PADDING = 32;

  /** Stripes that a domain begins with once its readers meet. */
  static final int FIRST = 4;

  /** Stripes that a domain never has more of: twice the processors, as a power of two. */
  static final int MOST =
      Math.max(FIRST, Integer.highestOneBit(Runtime.getRuntime().availableProcessors() * 4 - 1));

  /** Assigns threads to stripes by the low bits of their numbers: neighbours never meet. */
  static final int FIRST_SPREAD = 1 << 16;

  /**
   * The stripe that the calling thread counts in.
   *
   * @param spread what threads' numbers are multiplied by; any odd number, or the first
   */
  static Stripe mine(@Nullable Stripe[] array, int spread) {
    return at(array, place(Thread.currentThread().threadId(), spread) & (count(array) - 1));
  }

  /** Where a thread is dealt to, before the bits that the stripes have no use for are cut off. */
  static int place(long thread, int spread) {
    return ((int) thread * spread) >>> 16;
  }

  /** An array of these stripes for {@link ReadSide#stripes}, with nothing in its last places. */
  static @Nullable Stripe[] array(Stripe... stripes) {
    return Arrays.copyOf(stripes, stripes.length + PADDING);
  }

  /** How many stripes are in the array. */
  static int count(@Nullable Stripe[] array) {
    return array.length - PADDING;
  }

  /** One of them. */
  static Stripe at(@Nullable Stripe[] array, int index) {
    return Objects.requireNonNull(array[index]);
  }

  /** Another way to deal threads to stripes. */
  static int nextSpread(int spread) {
    return (spread + 1) * 0x9e3779b9 | 1;
  }

  /**
   * Twice as many stripes, the present ones among them: counts are never moved, so a thread that
   * still holds the present array counts in a place that the new one contains.
   */
  static @Nullable Stripe[] grown(@Nullable Stripe @Nullable [] present) {
    int before = present == null ? 0 : count(present);
    Stripe[] more = new Stripe[before == 0 ? FIRST : before * 2];
    for (int i = 0; i < more.length; i++) {
      more[i] = present != null && i < before ? at(present, i) : new Stripe();
    }
    return array(more);
  }
}
