package dev.virq.explore;

import dev.virq.schedule.DepthFirst;
import dev.virq.schedule.PartialOrder;
import dev.virq.schedule.PriorityChange;
import dev.virq.schedule.RandomWalk;
import dev.virq.schedule.Strategy;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How schedules are searched. */
public enum Search {
  /** Every thread that can go on is as likely as any other. */
  RANDOM,
  /** Random priorities that change at a few random places. */
  PCT,
  /** Partial orders, sampled evenly. */
  POS,
  /** Every schedule once that has at most so many preemptions. */
  EXHAUSTIVE;

  /** The largest depth of {@link #PCT}. */
  public static final int DEEPEST = 32;

  /**
   * A strategy that has not begun.
   *
   * @param seed of the random ones
   * @param depth of {@link #PCT}, 1 to {@link #DEEPEST}
   * @param preemptions of {@link #EXHAUSTIVE}
   */
  public Strategy strategy(long seed, int depth, int preemptions) {
    return switch (this) {
      case RANDOM -> new RandomWalk(seed);
      case PCT -> new PriorityChange(seed, depth);
      case POS -> new PartialOrder(seed);
      case EXHAUSTIVE -> new DepthFirst(preemptions);
    };
  }

  /** The one of that name, whatever its case, or null. */
  public static @Nullable Search find(String word) {
    for (Search search : values()) {
      if (search.name().equals(word.toUpperCase(Locale.ROOT))) {
        return search;
      }
    }
    return null;
  }
}
