package dev.virq.explore;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Something that must never happen, and did: what KASAN or lockdep would report of a kernel.
 *
 * @param kind what
 * @param object which, such as vm-1
 * @param sentence the same for people
 * @param used where it was found, or null
 * @param freed where the object had ended before, or null
 */
public record Report(
    Kind kind, String object, String sentence, @Nullable Place used, @Nullable Place freed) {
  /** What must never happen. */
  public enum Kind {
    /** An object was used after its end. */
    USE_AFTER_FREE,
    /** An object was ended twice. */
    DOUBLE_FREE,
    /** A VM was put while a reader was in its section that had picked it up before. */
    PUT_UNDER_READER,
    /** A write to a bound eventfd that no injection followed. */
    LOST_SIGNAL,
    /** Threads that wait for each other, or one for itself. */
    DEADLOCK,
    /** A thread that came to no choice point, or a run that came to no end. */
    STUCK,
    /** Another broken invariant. */
    BUG;

    /** As programs and answers have it: use_after_free. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The expectation that it violates. */
  public String expectation() {
    return "never " + kind.word();
  }

  /**
   * Where a thread was.
   *
   * @param thread its name in the run
   * @param at the last point that it passed
   * @param stack innermost call first; empty unless the run was watched closely
   */
  public record Place(String thread, String at, List<String> stack) {
    /** Copies the stack. */
    public Place {
      stack = List.copyOf(stack);
    }
  }
}
