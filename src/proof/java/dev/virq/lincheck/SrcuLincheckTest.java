package dev.virq.lincheck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.mutants.BrokenClasses;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lincheck finds no interleaving in which a program on the domain goes wrong. That it finds one on
 * a broken copy is shown in {@code dev.virq.mutants.ToolMutantsTest}. {@code
 * -Dlincheck.invocations=} sets how many interleavings it tries.
 */
class SrcuLincheckTest {
  private static final boolean PROOF = Boolean.getBoolean("virq.proof");
  private static final int INVOCATIONS =
      Integer.getInteger("lincheck.invocations", PROOF ? 2_000 : 100);
  private static final String LONG = "takes too long for every build: under -Pproof";

  @TempDir Path classes;

  @Test
  void k2ReaderThatStallsOverTwoGracePeriodsIsCovered() throws Exception {
    findsNothing("Straggler");
  }

  @Test
  @EnabledIfSystemProperty(named = "virq.proof", matches = "true", disabledReason = LONG)
  void k3SectionsBetweenTheSumsDoNotHideAnother() throws Exception {
    findsNothing("TwoReaders");
  }

  @Test
  @EnabledIfSystemProperty(named = "virq.proof", matches = "true", disabledReason = LONG)
  void k6SharedGracePeriodsCoverBothUpdates() throws Exception {
    findsNothing("TwoUpdaters");
  }

  @Test
  @EnabledIfSystemProperty(named = "virq.proof", matches = "true", disabledReason = LONG)
  void l17SectionEndedByAnotherThreadIsCovered() throws Exception {
    findsNothing("HandOff");
  }

  private void findsNothing(String program) throws IOException, InterruptedException {
    BrokenClasses.readable(classes);
    LincheckRun run = LincheckRun.of(classes, program, INVOCATIONS);

    assertThat(run.found()).as(run.output()).isFalse();
  }
}
