package dev.virq.conformance;

import static dev.virq.testing.TestHosts.LONG;

import dev.virq.host.Host;
import dev.virq.script.Script;
import dev.virq.script.ScriptRunner;
import dev.virq.testing.TestHosts;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The recordings as one test: what a broken copy of a chip is held against. */
class TiersTest {
  @Test
  void everyRecordingIsReplayed() {
    Host host = TestHosts.boot(1);
    for (Recording recording : theSoonestFirst()) {
      try (ScriptRunner runner = new ScriptRunner(host, LONG)) {
        Script script = Script.parse(recording.text(), Integer.MAX_VALUE);
        recording.require(
            runner.run(script).stream().map(result -> Recordings.step(result.members())).toList());
      }
    }
  }

  /** Each but the random ones is made for one rule, and most of them are short. */
  private static List<Recording> theSoonestFirst() {
    return Recordings.all().stream()
        .sorted(
            Comparator.comparing((Recording one) -> one.name().startsWith("random-"))
                .thenComparingInt(one -> one.steps().size()))
        .toList();
  }
}
