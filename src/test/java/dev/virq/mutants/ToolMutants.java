package dev.virq.mutants;

import java.util.List;
import java.util.stream.Stream;

/**
 * Broken copies of the SRCU once more, for the tools that look at more than one interleaving: what
 * shows that each of these tools sees something.
 */
final class ToolMutants {
  private static final String TORTURE = "torture.SrcuTortureTest#untilCaught";

  /** Seen by a reader that holds too old an element; the last three as a hang. */
  static final List<Mutant> TORTURED = torture("M2", "M4", "M11", "M13", "M5", "M9", "M19");

  /** As well, but not in every build. */
  static final List<Mutant> TORTURED_LONGER = torture("M16", "M23b", "M27");

  private ToolMutants() {}

  private static List<Mutant> torture(String... ids) {
    return Stream.of(ids).map(id -> again(id, "torture", TORTURE)).toList();
  }

  /** The same broken copy, for another test. */
  private static Mutant again(String id, String tool, String test) {
    return Stream.concat(SrcuMutants.scans().stream(), SrcuMutants.waits().stream())
        .filter(mutant -> mutant.id().equals(id))
        .findFirst()
        .map(mutant -> new Mutant(id + "-" + tool, mutant.sentence(), mutant.edits(), test))
        .orElseThrow(() -> new AssertionError("no mutant " + id));
  }
}
