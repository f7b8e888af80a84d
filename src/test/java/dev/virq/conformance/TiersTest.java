package dev.virq.conformance;

import static dev.virq.testing.Systems.LONG;

import dev.virq.sandbox.Kernel;
import dev.virq.script.Script;
import dev.virq.script.ScriptRunner;
import dev.virq.testing.Systems;
import org.junit.jupiter.api.Test;

/** The recordings as one test: what a broken copy of a chip is held against. */
class TiersTest {
  @Test
  void everyRecordingIsReplayed() {
    Kernel kernel = Systems.boot(1);
    // The scenarios first: each is made for one rule.
    for (Recording recording : Recordings.all().reversed()) {
      try (ScriptRunner runner = new ScriptRunner(kernel, LONG)) {
        Script script = Script.parse(recording.text(), Integer.MAX_VALUE);
        recording.require(
            runner.run(script).stream().map(result -> Recordings.step(result.members())).toList());
      }
    }
  }
}
