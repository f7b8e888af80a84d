package dev.virq.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.lincheck.LincheckRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The controls of the torture and of Lincheck: each broken copy has to be caught. */
@Order(Integer.MAX_VALUE) // last: a broken copy that hangs goes on until the JVM ends
class ToolMutantsTest {
  /** How each broken copy was caught, to be read by people. */
  private static final Path REPORT = Path.of("target", "broken-copies-of-tools.txt");

  /** Interleavings in which a broken copy may hide; the first finding ends a run. */
  private static final int LINCHECK_INVOCATIONS = 10_000;

  /** Longer than the torture may take, so that it says itself that it noticed nothing. */
  private static final Duration HUNG = Duration.ofMinutes(6);

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

  @TestFactory
  Stream<DynamicTest> lincheckCatchesBrokenCopies(@TempDir Path directory) {
    return ToolMutants.LINCHECKED.stream().map(mutant -> found(mutant, directory));
  }

  @TestFactory
  @EnabledIfSystemProperty(
      named = "virq.proof",
      matches = "true",
      disabledReason = "seven more broken copies, under -Pproof")
  Stream<DynamicTest> lincheckCatchesMoreBrokenCopies(@TempDir Path directory) {
    return ToolMutants.LINCHECKED_LONGER.stream().map(mutant -> found(mutant, directory));
  }

  /** The JVMs that find them start under {@code -Pjcstress} only, but they have to be there. */
  @TestFactory
  Stream<DynamicTest> stressedBrokenCopiesCanBeMade() {
    return ToolMutants.STRESSED.stream()
        .map(mutant ->
            DynamicTest.dynamicTest(
                mutant.toString(),
                () -> assertThat(BrokenCopy.of(mutant.edits()).changed()).isNotEmpty()));
  }

  private static DynamicTest found(Mutant mutant, Path directory) {
    return DynamicTest.dynamicTest(
        mutant.toString(),
        () -> {
          Path classes = directory.resolve(mutant.id());
          BrokenClasses.readable(mutant, classes);
          LincheckRun run = LincheckRun.of(classes, mutant.test(), LINCHECK_INVOCATIONS);
          assertThat(run.found()).as("Lincheck noticed nothing").isTrue();
          CAUGHT.add(
              mutant
                  + "\n    "
                  + run.output().lines().filter(line -> line.startsWith("=")).toList());
        });
  }

  private static DynamicTest caught(Mutant mutant) {
    return DynamicTest.dynamicTest(
        mutant.toString(), () -> CAUGHT.add(MutantsTest.caught(mutant, HUNG)));
  }
}
