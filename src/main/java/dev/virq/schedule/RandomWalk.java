package dev.virq.schedule;

import java.util.SplittableRandom;

/** Every thread that can go on is as likely as any other. */
public final class RandomWalk implements Strategy {
  private final long seed;

  /** Guarded by the turn. */
  private SplittableRandom random;

  /**
   * Walks by a seed; run r follows from {@code seed + r} alone.
   *
   * @param seed any number
   */
  public RandomWalk(long seed) {
    this.seed = seed;
    this.random = new SplittableRandom(seed);
  }

  @Override
  public boolean begin(long run) {
    random = new SplittableRandom(seed + run);
    return true;
  }

  @Override
  public int choose(Moment moment) {
    return random.nextInt(moment.size());
  }
}
