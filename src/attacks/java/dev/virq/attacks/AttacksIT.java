package dev.virq.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.attacks.rig.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Every attack of the catalogue, on one process while it lives. In a build they are small and what
 * is judged does not move with the machine's load; {@code -Pattacks} runs them at full size and
 * judges percentiles too.
 */
@Tag("thorough")
class AttacksIT {
  private static final Path REPORT = Path.of("target/attacks.txt");
  private static final String ONLY = System.getProperty("virq.attacks.only", "");

  private static Assault assault;

  @BeforeAll
  static void start() throws Exception {
    assault = new Assault();
    report("# " + Settings.shown());
  }

  @AfterAll
  static void stop() {
    if (assault != null) {
      assault.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> theVictimWorksOnAndEverythingIsGivenBack() {
    List<Attack> attacks =
        ONLY.isEmpty() ? Catalogue.ofSize(Settings.FULL) : Catalogue.matching(ONLY);
    assertThat(attacks).as("attacks named %s", ONLY).isNotEmpty();
    return attacks.stream()
        .map(attack -> DynamicTest.dynamicTest(attack.name(), () -> carryOut(attack)));
  }

  private static void carryOut(Attack attack) throws Exception {
    Evidence evidence;
    try {
      evidence = assault.carryOut(attack);
    } catch (Exception e) {
      report("FAILED " + attack.name() + ": " + e);
      assault.renew();
      throw e;
    }
    List<String> complaints = new Judge(Settings.FULL).complaints(evidence);
    report((complaints.isEmpty() ? "held   " : "FAILED ") + evidence.line());
    for (String complaint : complaints) {
      report("         " + complaint);
    }
    assault.renewAfter(evidence);
    assertThat(complaints).as(evidence.line()).isEmpty();
  }

  private static void report(String line) throws IOException {
    Path _ = Files.createDirectories(REPORT.getParent());
    Path _ =
        Files.writeString(
            REPORT, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
