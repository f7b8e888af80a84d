package dev.virq.conformance;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.virq.host.Host;
import dev.virq.script.Script;
import dev.virq.script.ScriptRunner;
import dev.virq.stats.Counts;
import dev.virq.testing.TestHosts;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Replays what Linux answered; see README.md beside the recordings. */
class ConformanceTest {

  @TestFactory
  Stream<DynamicTest> answersAreThoseOfTheKernelWithOneWorker() {
    return replays(1);
  }

  @TestFactory
  Stream<DynamicTest> answersAreThoseOfTheKernelWithFourWorkers() {
    return replays(4);
  }

  /** Each in a kernel of its own, and once more in that kernel: numbers differ, answers do not. */
  private static Stream<DynamicTest> replays(int workers) {
    return Recordings.all().stream()
        .map(recording ->
            dynamicTest(
                recording.name(),
                () -> {
                  Host host = TestHosts.boot(workers);
                  replay(recording, host);
                  replay(recording, host);
                }));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void allScriptsOneAfterAnotherInOneKernel(int workers) {
    Host host = TestHosts.boot(workers);

    for (Recording recording : Recordings.all()) {
      replay(recording, host);
    }

    assertThat(host.stats().signals()).isGreaterThan(800);
  }

  @Test
  void theRecordingsOfTheResourcesAreThere() {
    List<Recording> all = Recordings.all();

    assertThat(all).hasSizeGreaterThanOrEqualTo(632);
    assertThat(all.stream().mapToInt(recording -> recording.steps().size()).sum())
        .isGreaterThanOrEqualTo(22_139);
  }

  @Test
  void everyWrongRecordingIsCaught() {
    Host host = TestHosts.boot(1);
    Recording right = recording("eventfd-bounds");
    int caught = 0;

    for (int i = 0; i < right.steps().size(); i++) {
      for (Map<String, Object> wrong : wrongAnswers(right.steps().get(i).answer())) {
        List<Recording.Step> steps = new ArrayList<>(right.steps());
        steps.set(i, new Recording.Step(right.steps().get(i).op(), wrong));
        Recording altered = new Recording("altered", 1, steps);
        int step = i + 1;
        assertThatThrownBy(() -> replay(altered, host))
            .isInstanceOf(AssertionError.class)
            .hasMessageContaining("altered, step " + step + ", " + steps.get(i).op())
            .hasMessageContaining("expected " + wrong);
        caught++;
      }
    }

    assertThat(caught).isGreaterThan(right.steps().size());
  }

  @Test
  void aMissingAnswerIsCaught() {
    Recording right = recording("eventfd-bounds");

    assertThatThrownBy(() -> right.require(right.steps().subList(0, 3)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("got 3");
  }

  @Test
  void filesOfEveryKindAreReadAndHigherTiersToo(@TempDir Path directory) throws IOException {
    String one = "{\"name\":\"%s\",\"tier\":2,\"steps\":[{\"op\":\"vm_create v\",\"ok\":true}]}%n";
    Path below = Files.createDirectories(directory.resolve("a/b"));
    Files.writeString(below.resolve("1.json"), one.formatted("one"));
    Files.writeString(below.resolve("2.jsonl"), one.formatted("two") + one.formatted("three"));
    Files.writeString(below.resolve("README.md"), "no recording");
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(directory.resolve("z.jsonl.gz")))) {
      out.write(one.formatted("four").getBytes(StandardCharsets.UTF_8));
    }

    assertThat(Recordings.below(directory))
        .extracting(Recording::name)
        .containsExactly("one", "two", "three", "four");
  }

  private static Recording recording(String name) {
    return Recordings.all().stream()
        .filter(recording -> recording.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static List<Map<String, Object>> wrongAnswers(Map<String, Object> answer) {
    List<Map<String, Object>> wrong = new ArrayList<>();
    wrong.add(with(answer, "ok", !(boolean) answer.get("ok")));
    wrong.add(with(answer, "nmi", BigInteger.ONE));
    if (answer.get("value") instanceof BigInteger value) {
      wrong.add(with(answer, "value", value.add(BigInteger.ONE)));
      wrong.add(with(answer, "value", value.toString()));
    }
    if (answer.containsKey("errno")) {
      wrong.add(with(answer, "errno", "EBADF"));
    }
    return wrong;
  }

  private static Map<String, Object> with(Map<String, Object> answer, String member, Object value) {
    Map<String, Object> changed = new LinkedHashMap<>(answer);
    changed.put(member, value);
    return changed;
  }

  /** Afterwards nothing of the script is left in the kernel. */
  private static void replay(Recording recording, Host host) {
    Script script = Script.parse(recording.text(), Integer.MAX_VALUE);
    try (ScriptRunner runner = new ScriptRunner(host, LONG)) {
      recording.require(
          runner.run(script).stream().map(result -> Recordings.step(result.members())).toList());
    }
    assertThat(host.counts()).isEqualTo(new Counts(0, 0, 0, 0, 0));
    assertThat(host.bugs()).isZero();
  }
}
