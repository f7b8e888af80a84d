package dev.virq.schedule;

import java.util.Arrays;

/**
 * EXHAUSTIVE: every schedule once, depth first, that has at most so many preemptions.
 *
 * <p>A preemption is a switch away from a thread that could have gone on. Bounding them makes the
 * number of schedules polynomial in the length of a run, and most bugs need two or fewer
 * (Musuvathi, Qadeer, "Iterative context bounding", 2007).
 */
public final class DepthFirst implements Strategy {
  private final int preemptions;

  // All guarded by the turn. Of each decision of the current run: what was chosen, among how many,
  // and whether choosing another thread than the first preempts nobody.
  private int[] chosen = new int[64];
  private int[] among = new int[64];
  private boolean[] free = new boolean[64];

  /** How many decisions are set by the run before. */
  private int prefix;

  private int depth;
  private boolean begun;
  private boolean left;
  private boolean cut;

  /**
   * Searches.
   *
   * @param preemptions how many a schedule may have; {@link Integer#MAX_VALUE} for any number
   */
  public DepthFirst(int preemptions) {
    this.preemptions = preemptions;
  }

  @Override
  public boolean begin(long run) {
    left = !begun || next();
    begun = true;
    depth = 0;
    return left;
  }

  @Override
  public int choose(Moment moment) {
    int at = depth++;
    if (at < prefix) {
      if (among[at] != moment.size()) {
        throw new IllegalStateException(
            "decision %d was among %d threads and now is among %d"
                .formatted(at, among[at], moment.size()));
      }
      return chosen[at];
    }
    if (at == chosen.length) {
      chosen = Arrays.copyOf(chosen, at * 2);
      among = Arrays.copyOf(among, at * 2);
      free = Arrays.copyOf(free, at * 2);
    }
    chosen[at] = 0;
    among[at] = moment.size();
    free[at] = !moment.continues();
    prefix = depth;
    return 0;
  }

  @Override
  public boolean isSeeded() {
    return false;
  }

  /** Whether every schedule was tried, of those with so many preemptions. */
  @Override
  public boolean exhausted() {
    return begun && !left;
  }

  /** Known when it is exhausted. */
  @Override
  public boolean isCut() {
    return cut;
  }

  /** Moves on to the next schedule: the last decision that has another choice takes it. */
  private boolean next() {
    int used = 0;
    for (int at = 0; at < depth; at++) {
      used += !free[at] && chosen[at] != 0 ? 1 : 0;
    }
    for (int at = depth - 1; at >= 0; at--) {
      int before = used - (!free[at] && chosen[at] != 0 ? 1 : 0);
      boolean another = chosen[at] + 1 < among[at];
      if (another && (free[at] || before < preemptions)) {
        chosen[at]++;
        prefix = at + 1;
        return true;
      }
      cut |= another;
      used = before;
    }
    return false;
  }
}
