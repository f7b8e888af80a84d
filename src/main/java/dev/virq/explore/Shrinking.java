package dev.virq.explore;

import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes a schedule simple that violates an expectation: as few preemptions as could be found, then
 * as few choices as could be found. Not always the simplest there is.
 */
final class Shrinking {
  /** Schedules that are tried at most. */
  private static final int MOST_TRIES = 2_000;

  private final Function<int[], @Nullable Played> violates;
  private final BooleanSupplier goesOn;
  private int tries;

  /**
   * Nothing tried yet.
   *
   * @param violates plays choices, as far as they fit; null when the expectation holds
   * @param goesOn asked before every try
   */
  Shrinking(Function<int[], @Nullable Played> violates, BooleanSupplier goesOn) {
    this.violates = violates;
    this.goesOn = goesOn;
  }

  /**
   * The simplest run that was found.
   *
   * @param violating where it begins
   */
  Played shrink(Played violating) {
    Played best = violating;
    boolean better = true;
    while (better && hasTries()) {
      better = false;
      // From the end: what comes first decides what there is to choose from later.
      for (int at = best.choices().length - 1; at >= 0 && hasTries(); at--) {
        if (at >= best.choices().length || best.choices()[at] == 0) {
          continue;
        }
        int[] candidate = best.choices().clone();
        candidate[at] = 0;
        Played simpler = simpler(candidate, best);
        if (simpler == null) {
          simpler = simpler(Arrays.copyOf(best.choices(), at), best);
        }
        if (simpler == null && at + 1 < best.choices().length) {
          simpler = simpler(later(best.choices(), at), best);
        }
        if (simpler != null) {
          best = simpler;
          better = true;
        }
      }
    }
    return best;
  }

  private boolean hasTries() {
    return tries < MOST_TRIES && goesOn.getAsBoolean();
  }

  /** The same with a switch one decision later, which may meet another that it was for. */
  private static int[] later(int[] choices, int at) {
    int[] moved = choices.clone();
    moved[at] = 0;
    moved[at + 1] = Math.max(moved[at + 1], choices[at]);
    return moved;
  }

  private @Nullable Played simpler(int[] candidate, Played than) {
    Played played = tried(candidate);
    return played != null && isSimpler(played, than) ? played : null;
  }

  private @Nullable Played tried(int[] candidate) {
    tries++;
    return violates.apply(candidate);
  }

  private static boolean isSimpler(Played one, Played than) {
    if (one.preemptions() != than.preemptions()) {
      return one.preemptions() < than.preemptions();
    }
    return switches(one.choices()) < switches(than.choices());
  }

  private static long switches(int[] choices) {
    return Arrays.stream(choices).filter(choice -> choice != 0).count();
  }
}
