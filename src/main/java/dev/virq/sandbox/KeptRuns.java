package dev.virq.sandbox;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.errno.ErrnoException;
import dev.virq.limits.Budget;
import dev.virq.limits.Charge;
import dev.virq.limits.Cost;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The last runs of scenarios in a sandbox. What a run is, only its maker knows; here it is
 * numbered, bounded and paid for, as an answer that is kept for each of its steps. Any thread.
 */
public final class KeptRuns {
  /** How many. */
  public static final int MOST = 8;

  private final Budget budget;

  @GuardedBy("this")
  private final Map<Long, Kept> runs = new LinkedHashMap<>(0);

  @GuardedBy("this")
  private long last;

  @GuardedBy("this")
  private boolean ended;

  KeptRuns(Budget budget) {
    this.budget = budget;
  }

  /** A run that is kept. */
  public static final class Kept {
    private final long number;
    private final Charge charge;

    /** Volatile: set once by who made it, and read by who finds it. */
    private volatile @Nullable Object run;

    /** Volatile: written by who takes the last step, read by who makes room for another run. */
    private volatile boolean over;

    @GuardedBy("this")
    private boolean gone;

    private Kept(long number, Charge charge) {
      this.number = number;
      this.charge = charge;
    }

    /** Its number in the sandbox, from 1. */
    public long number() {
      return number;
    }

    /** The run itself; once. */
    public void set(Object made) {
      run = made;
    }

    /** It has no step left. */
    public void end() {
      over = true;
    }

    private boolean isOver() {
      return over;
    }

    /** Takes bytes for so many characters more, if there are any; false when there are none. */
    public synchronized boolean tryGrow(long characters) {
      if (gone) {
        return false;
      }
      try {
        charge.acquire(Cost.CHARACTER.of(characters), Cost.KEPT_ANSWER);
        return true;
      } catch (ErrnoException e) {
        // Less is kept; the call itself has been made.
        return false;
      }
    }

    private synchronized void forget() {
      gone = true;
      charge.releaseAll();
    }
  }

  /**
   * Makes room for a run, if there are too many in the place of the oldest that is over, or of the
   * oldest.
   *
   * @param steps how many it has
   * @throws ErrnoException EMFILE, ENFILE when there is no memory for it
   */
  public synchronized Kept begin(int steps) {
    Charge charge = new Charge(budget);
    charge.acquire(Cost.KEPT_ANSWER.of(steps), Cost.KEPT_ANSWER);
    Kept kept = new Kept(++last, charge);
    runs.put(kept.number, kept);
    if (ended) {
      forgetAll();
    } else if (runs.size() > MOST) {
      // One that is under way may hold a thread, and has to clean up.
      Kept one = runs.values().stream().filter(Kept::isOver).findFirst().orElseGet(this::oldest);
      one.forget();
      runs.remove(one.number);
    }
    return kept;
  }

  @GuardedBy("this")
  private Kept oldest() {
    return runs.values().iterator().next();
  }

  /** The run of that number, or null. */
  public synchronized @Nullable Object find(long number) {
    Kept kept = runs.get(number);
    return kept == null ? null : kept.run;
  }

  /** The sandbox is gone: gives back what they took. */
  synchronized void end() {
    ended = true;
    forgetAll();
  }

  @GuardedBy("this")
  private void forgetAll() {
    runs.values().forEach(Kept::forget);
    runs.clear();
  }
}
