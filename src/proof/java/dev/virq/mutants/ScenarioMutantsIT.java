package dev.virq.mutants;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * A scenario fails on a copy of the product that breaks what it is about, and passes on a faithful
 * one: what one sees there is no theatre. Each copy is a server of its own.
 */
@Tag("thorough")
class ScenarioMutantsIT {
  /** To start a server, and two waits of a scenario that end by their timeouts. */
  private static final Duration HUNG = Duration.ofMinutes(3);

  /** By broken copy the scenario that fails on it. */
  private static final Map<String, String> SCENARIOS =
      Map.of(
          "W1", "vmCloseAgainstHangup",
          "W1b", "hangupAgainstVmClose",
          "W2b", "fiveSteps",
          "W6", "coalescing",
          "W7", "preloadedCounter",
          "W15", "ebusyAcrossVms",
          "W19b", "flushWaitsForAReader",
          "W23", "doubleClose",
          "W24", "leaseExpiryUnderAHold",
          "W37", "heldReaders");

  private static String test(String scenario) {
    return "mutants.ScenarioOfACopy#" + scenario;
  }

  @TestFactory
  Stream<DynamicTest> scenariosFailOnBrokenCopies() {
    return Mutants.ALL.stream()
        .filter(mutant -> SCENARIOS.containsKey(mutant.id()))
        .map(mutant ->
            new Mutant(
                mutant.id(), mutant.sentence(), mutant.edits(), test(SCENARIOS.get(mutant.id()))))
        .map(mutant ->
            dynamicTest(
                mutant.toString(),
                () -> {
                  var _ = MutantsTest.caught(mutant, HUNG);
                }));
  }

  @TestFactory
  Stream<DynamicTest> scenariosPassOnFaithfulCopies() {
    return SCENARIOS.values().stream()
        .map(scenario ->
            dynamicTest(
                scenario, () -> assertNull(MutantsTest.run(List.of(), test(scenario), HUNG))));
  }
}
