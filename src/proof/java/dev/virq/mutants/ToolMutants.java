package dev.virq.mutants;

import dev.virq.srcu.SrcuRef;
import java.util.List;
import java.util.stream.Stream;

/**
 * Broken copies of the SRCU once more, for the tools that look at more than one interleaving: what
 * shows that each of these tools sees something.
 */
final class ToolMutants {
  private static final String TORTURE = "torture.SrcuTortureTest#untilCaught";

  /** Seen by a reader that holds too old an element, or as a hang. */
  static final List<Mutant> TORTURED = torture("M2", "M4", "M11", "M13", "M1", "M5", "M9", "M19");

  /** As well, but not in every build. */
  static final List<Mutant> TORTURED_LONGER = torture("M16", "M23b", "M27");

  /** Those that jcstress runs on, in JVMs of their own: {@code ./mvnw -Pjcstress test}. */
  static final List<Mutant> STRESSED =
      List.of(
          again("M2", "litmus.StressRun#M2", "M2"),
          again("M13", "litmus.StressRun#M13", "M13"),
          new Mutant(
              "M6",
              "no barrier B, and an increment that is no atomic add",
              "litmus.StressRun#M6",
              new Edit(
                  Hidden.COUNTERS,
                  "begin",
                  "counted = (long) L0.getAndAdd(this, 1L);",
                  "counted = before;\nL0.setOpaque(this, before + 1L);"),
              new Edit(
                  Hidden.COUNTERS,
                  "begin",
                  "counted = (long) L1.getAndAdd(this, 1L);",
                  "counted = before;\nL1.setOpaque(this, before + 1L);"),
              new Edit(
                  Hidden.COUNTERS,
                  "begin",
                  "if (!ADD_IS_FENCE) { VarHandle.fullFence(); } return before != counted;",
                  "return before != counted;")),
          new Mutant(
              "M26",
              "SrcuRef read in plain mode and hoisted out of a loop",
              "litmus.StressRun#M26",
              new Edit(
                  SrcuRef.class,
                  "dereference",
                  "return pointer;",
                  "return (T) POINTER.get(this);")));

  /**
   * What makes the product readable for Lincheck, which takes every wait with an argument for a
   * timed one that is over at once.
   */
  static final Edit UNTIMED =
      new Edit(
          Hidden.UPDATE_SIDE,
          "becomeDriver",
          "() -> wait(millis)",
          "() -> { if (millis == 0) { wait(); } else { wait(millis); } }");

  /** Seen by Lincheck, each in the program that is named as its test. */
  static final List<Mutant> LINCHECKED = List.of(again("M2", "Straggler", "M2-lincheck"));

  /** As well, but not in every build. */
  static final List<Mutant> LINCHECKED_LONGER =
      List.of(
          again("M13", "Straggler", "M13-lincheck"),
          again("M1", "Straggler", "M1-lincheck"),
          again("M11", "Straggler", "M11-lincheck"),
          again("M5", "Straggler", "M5-lincheck"),
          again("M4", "TwoReaders", "M4-lincheck"),
          again("M2", "TwoUpdaters", "M2-lincheck-K6"),
          again("M2", "HandOff", "M2-lincheck-L17"));

  private ToolMutants() {}

  private static List<Mutant> torture(String... ids) {
    return Stream.of(ids).map(id -> again(id, TORTURE, id + "-torture")).toList();
  }

  /** The same broken copy, for another test. */
  private static Mutant again(String id, String test, String name) {
    return Stream.concat(SrcuMutants.scans().stream(), SrcuMutants.waits().stream())
        .filter(mutant -> mutant.id().equals(id))
        .findFirst()
        .map(mutant -> new Mutant(name, mutant.sentence(), mutant.edits(), test))
        .orElseThrow(() -> new AssertionError("no mutant " + id));
  }
}
