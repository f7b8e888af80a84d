package dev.virq.litmus;

import java.util.Arrays;
import java.util.List;

/**
 * A litmus test: threads, and an outcome that is asked about.
 *
 * @param name row of the table, and what of it, for example {@code L6 swapped}
 * @param threads the steps of each thread
 * @param outcome alternatives of conditions; {@code a} to {@code h} are registers, the other
 *     letters the final values of variables
 * @param verdict whether the outcome may be seen
 * @param teeth whether this machine can show the outcome: a forbidden one when grace periods are
 *     broken, an allowed one as it is
 */
record Litmus(
    String name,
    List<List<Op>> threads,
    List<List<Condition>> outcome,
    Verdict verdict,
    boolean teeth) {
  /** May the outcome be seen? */
  enum Verdict {
    /** Never. */
    FORBIDDEN,
    /** It may. */
    ALLOWED
  }

  /** A register or a variable has a value. */
  record Condition(boolean register, int place, int value) {
    private static Condition parse(String word) {
      char letter = word.charAt(0);
      boolean register = letter < 'i';
      return new Condition(
          register, letter - (register ? 'a' : 'i'), Integer.parseInt(word.substring(2)));
    }
  }

  /**
   * Reads a litmus test.
   *
   * @param program the threads, separated by {@code |}
   * @param outcome conditions that hold together; alternatives separated by {@code |}
   */
  static Litmus of(String name, String program, String outcome, Verdict verdict, boolean teeth) {
    return new Litmus(
        name,
        Arrays.stream(program.split("\\|", -1)).map(Op::parse).toList(),
        Arrays.stream(outcome.split("\\|", -1))
            .map(one -> Arrays.stream(one.strip().split(" +", -1)).map(Condition::parse).toList())
            .toList(),
        verdict,
        teeth);
  }

  /** Whether one of the alternatives holds. */
  boolean holds(int[] registers, int[] variables, int base) {
    for (List<Condition> all : outcome) {
      boolean holds = true;
      for (Condition one : all) {
        holds &= (one.register() ? registers : variables)[base + one.place()] == one.value();
      }
      if (holds) {
        return true;
      }
    }
    return false;
  }
}
