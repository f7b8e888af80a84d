package dev.virq.schedule;

/**
 * Decides which thread goes on. One thread at a time calls it: the one that has the turn, or
 * between two runs the one that makes them.
 */
public interface Strategy {
  /**
   * A run begins.
   *
   * @param run its number, from 0
   * @return false when there is no schedule left to try
   */
  boolean begin(long run);

  /**
   * Decides.
   *
   * @param moment at least two threads that can go on; valid during the call only
   * @return the place of the one that goes on
   */
  int choose(Moment moment);

  /**
   * How many decisions a run has, about; told before the first run. For strategies that spread
   * something over a run.
   */
  default void expect(int decisions) {}

  /** Whether what it chooses follows from a seed; otherwise it needs none. */
  default boolean isSeeded() {
    return true;
  }

  /** Whether no schedule was left out. */
  default boolean exhausted() {
    return false;
  }

  /** Whether schedules were left out for having too many preemptions. */
  default boolean isCut() {
    return false;
  }
}
