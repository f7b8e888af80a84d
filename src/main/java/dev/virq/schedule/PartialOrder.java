package dev.virq.schedule;

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
  private final Priorities priorities;

  /**
   * Samples by a seed; run r follows from {@code seed + r} alone.
   *
   * @param seed any number
   */
  public PartialOrder(long seed) {
    this.seed = seed;
    this.priorities = new Priorities(new SplittableRandom(seed));
  }

  @Override
  public boolean begin(long run) {
    priorities.begin(new SplittableRandom(seed + run));
    return true;
  }

  @Override
  public int choose(Moment moment) {
    int best = priorities.highest(moment);
    for (int place = 0; place < moment.size(); place++) {
      if (place == best || moment.conflict(place, best)) {
        priorities.redraw(moment.thread(place));
      }
    }
    return best;
  }
}
