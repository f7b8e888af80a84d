package dev.virq.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.conformance.CutRun;
import dev.virq.conformance.Omission;
import dev.virq.script.Script;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The law of snapshots over random scripts, which do more with timers than the recordings: cut and
 * restored, each is answered as it is whole, and ends in the same state. Needs no kernel.
 *
 * <p>{@code virq.snapshot.scripts} is how many.
 */
class RandomSnapshotLawTest {
  private static final int SCRIPTS = Integer.getInteger("virq.snapshot.scripts", 300);
  private static final long SEED = Long.getLong("virq.snapshot.seed", 2009);

  private final Random random = new Random(SEED);

  @Test
  void aRandomScriptThatIsCutIsAnsweredAsOneThatIsNot() {
    for (int number = 0; number < SCRIPTS; number++) {
      Script script = script(number);
      int at = random.nextInt(script.operations().size() + 1);

      assertThat(CutRun.of(script, at, CutRun::forgetsNothing))
          .as("script %d of seed %d, cut after %d", number, SEED, at)
          .isEqualTo(CutRun.whole(script));
    }
  }

  /** Without the look at the end: by the answers alone. */
  @ParameterizedTest
  @EnumSource(names = {"REMOTE_IRR", "DELIVERED", "COUNTER"})
  void whatARestoreForgetsIsCaught(Omission omission) {
    for (int number = 0; number < SCRIPTS; number++) {
      Script script = script(number);
      int at = random.nextInt(script.operations().size() + 1);
      if (!CutRun.of(script, at, omission).answers().equals(CutRun.whole(script).answers())) {
        return;
      }
    }
    throw new AssertionError("no script of " + SCRIPTS + " tells that " + omission + " is lost");
  }

  private static Script script(int number) {
    return Script.parse(ScriptGenerator.script(SEED, number), Integer.MAX_VALUE);
  }
}
