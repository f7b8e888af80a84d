package dev.virq.mutants;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The controls of the torture: each broken copy has to be caught. */
class ToolMutantsTest {
  /** How each broken copy was caught, to be read by people. */
  private static final Path REPORT = Path.of("target", "broken-copies-of-tools.txt");

  private static final List<String> CAUGHT = new CopyOnWriteArrayList<>();

  @AfterAll
  static void report() throws IOException {
    Path _ = Files.createDirectories(REPORT.getParent());
    Path _ = Files.write(REPORT, CAUGHT);
  }

  @TestFactory
  Stream<DynamicTest> tortureCatchesBrokenCopies() {
    return ToolMutants.TORTURED.stream().map(ToolMutantsTest::caught);
  }

  @TestFactory
  @EnabledIfSystemProperty(
      named = "virq.proof",
      matches = "true",
      disabledReason = "three more broken copies, under -Pproof")
  Stream<DynamicTest> tortureCatchesMoreBrokenCopies() {
    return ToolMutants.TORTURED_LONGER.stream().map(ToolMutantsTest::caught);
  }

  private static DynamicTest caught(Mutant mutant) {
    return DynamicTest.dynamicTest(mutant.toString(), () -> CAUGHT.add(MutantsTest.caught(mutant)));
  }
}
