package dev.virq.schedule;

import java.util.List;

/**
 * Why a run ended before all its threads had.
 *
 * @param kind what happened
 * @param threads those that had not ended, each with the place where it stands
 * @param stack of the thread that had the turn, outermost call last; empty for a deadlock
 */
public record Halt(Kind kind, List<String> threads, List<String> stack) {
  /** What happened. */
  public enum Kind {
    /** Every thread waits for another. */
    DEADLOCK,
    /** More choice points than a run may have. */
    ENDLESS,
    /** A thread came to no choice point for too long: it waits, or runs, outside them. */
    STUCK,
    /** Whoever makes the run wanted it to go on no more. */
    STOPPED,
    /** The run went another way than its schedule says: something depends on more than that. */
    STRAYED
  }

  /** Copies the lists. */
  public Halt {
    threads = List.copyOf(threads);
    stack = List.copyOf(stack);
  }
}
