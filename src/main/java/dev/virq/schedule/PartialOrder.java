package dev.virq.schedule;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * POS: every step has a random priority, the highest goes first, and a step whose order with the
 * one that went matters draws again.
 *
 * <p>So partial orders are sampled more evenly than a {@link RandomWalk} does, which counts each of
 * the many ways to interleave steps that have nothing to do with each other. Source: Yuan, Yang,
 * Gu, "Partial order aware concurrency sampling", 2018.
 */
public final class PartialOrder implements Strategy {
  private final long seed;

  // Both guarded by the turn.
  private SplittableRandom random;
  private long[] priorities = new long[16];

  /**
   * Samples by a seed; run r follows from {@code seed + r} alone.
   *
   * @param seed any number
   */
  public PartialOrder(long seed) {
    this.seed = seed;
    this.random = new SplittableRandom(seed);
  }

  @Override
  public boolean begin(long run) {
    random = new SplittableRandom(seed + run);
    Arrays.fill(priorities, 0);
    return true;
  }

  @Override
  public int choose(Moment moment) {
    int best = 0;
    for (int place = 0; place < moment.size(); place++) {
      if (priority(moment.thread(place)) > priority(moment.thread(best))) {
        best = place;
      }
    }
    for (int place = 0; place < moment.size(); place++) {
      if (place == best || moment.conflict(place, best)) {
        priorities[moment.thread(place)] = 0;
      }
    }
    return best;
  }

  private long priority(int thread) {
    if (thread >= priorities.length) {
      priorities = Arrays.copyOf(priorities, Math.max(thread + 1, priorities.length * 2));
    }
    if (priorities[thread] == 0) {
      priorities[thread] = random.nextLong(1, Long.MAX_VALUE);
    }
    return priorities[thread];
  }
}
