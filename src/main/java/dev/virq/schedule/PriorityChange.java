package dev.virq.schedule;

import java.util.Arrays;
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

  // All guarded by the turn.
  private SplittableRandom random;
  private long[] priorities = new long[16];
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
    this.random = new SplittableRandom(seed);
  }

  @Override
  public void expect(int number) {
    decisions = Math.max(1, number);
  }

  @Override
  public boolean begin(long run) {
    random = new SplittableRandom(seed + run);
    step = 0;
    Arrays.fill(priorities, 0);
    for (int i = 0; i < changes.length; i++) {
      changes[i] = random.nextInt(decisions);
    }
    return true;
  }

  @Override
  public int choose(Moment moment) {
    int best = highest(moment);
    for (int i = 0; i < changes.length; i++) {
      if (changes[i] == step) {
        // Below every thread that has not fallen yet, and below those that fell before: for a
        // change that comes twice at one decision the second finds another thread.
        priorities[moment.thread(best)] = (long) i - changes.length;
        best = highest(moment);
      }
    }
    step++;
    return best;
  }

  private int highest(Moment moment) {
    int best = 0;
    for (int place = 0; place < moment.size(); place++) {
      if (priority(moment.thread(place)) > priority(moment.thread(best))) {
        best = place;
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
