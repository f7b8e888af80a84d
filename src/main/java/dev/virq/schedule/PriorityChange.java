package dev.virq.schedule;

import java.util.SplittableRandom;

/**
 * PCT: threads have random priorities, the highest goes on, and at {@code depth - 1} random
 * decisions the one that would go on falls below all others.
 *
 * <p>Finds a bug that needs {@code depth} steps in a certain order with a probability of at least
 * 1/(n·k^(depth-1)) a run, for n threads and k decisions. Source: Burckhardt, Kothari, Musuvathi,
 * Nagarakatte, "A randomized scheduler with probabilistic guarantees of finding bugs", 2010.
 */
public final class PriorityChange implements Strategy {
  private final long seed;
  private final int[] changes;
  private final Priorities priorities;

  // Both guarded by the turn.
  private int decisions = 1;
  private int step;

  /**
   * Runs by a seed; run r follows from {@code seed + r} and the number of decisions expected.
   *
   * @param seed any number
   * @param depth steps whose order a bug needs, at least 1
   */
  public PriorityChange(long seed, int depth) {
    this.seed = seed;
    this.changes = new int[depth - 1];
    this.priorities = new Priorities(new SplittableRandom(seed));
  }

  @Override
  public void expect(int number) {
    decisions = Math.max(1, number);
  }

  @Override
  public boolean begin(long run) {
    SplittableRandom random = new SplittableRandom(seed + run);
    step = 0;
    priorities.begin(random);
    for (int i = 0; i < changes.length; i++) {
      changes[i] = random.nextInt(decisions);
    }
    return true;
  }

  @Override
  public int choose(Moment moment) {
    int best = priorities.highest(moment);
    for (int i = 0; i < changes.length; i++) {
      if (changes[i] == step) {
        // Below every thread that has not fallen yet, and below those that fell before: for a
        // change that comes twice at one decision the second finds another thread.
        priorities.set(moment.thread(best), (long) i - changes.length);
        best = priorities.highest(moment);
      }
    }
    step++;
    return best;
  }
}
