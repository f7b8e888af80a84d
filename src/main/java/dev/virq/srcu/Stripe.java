package dev.virq.srcu;

import org.jspecify.annotations.Nullable;

/**
 * Counters on cache lines of their own, for a domain whose readers meet.
 *
 * <p>With the padding the counters of two stripes allocated one after the other are 128 bytes
 * apart: a line and the one that the processor fetches along with it.
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

  /** Stripes that a domain begins with once its readers meet. */
  static final int FIRST = 4;

  /** Stripes that a domain never has more of: twice the processors, as a power of two. */
  static final int MOST =
      Math.max(FIRST, Integer.highestOneBit(Runtime.getRuntime().availableProcessors() * 4 - 1));

  /** The stripe that the calling thread counts in. */
  static Stripe mine(Stripe[] stripes) {
    return stripes[(int) Thread.currentThread().threadId() & (stripes.length - 1)];
  }

  /**
   * Twice as many stripes, the present ones among them: counts are never moved, so who still holds
   * the present array counts in a place that the new one contains.
   */
  static Stripe[] grown(Stripe @Nullable [] present) {
    int before = present == null ? 0 : present.length;
    Stripe[] more = new Stripe[before == 0 ? FIRST : before * 2];
    for (int i = 0; i < more.length; i++) {
      more[i] = present != null && i < before ? present[i] : new Stripe();
    }
    return more;
  }
}
