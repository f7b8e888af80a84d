package dev.virq.conformance;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.docs.Page;
import dev.virq.host.Host;
import dev.virq.script.Script;
import dev.virq.script.ScriptRunner;
import dev.virq.testing.TestHosts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code src/docs/peer-cases.md} names the recordings of others' cases, and counts them. */
class PeerCasesTest {
  private static final Path PEERS = Path.of("src/conformance/resources/conformance/peers");
  private static final String LINK = "../conformance/resources/conformance/peers";

  @Test
  void everyRecordingHasARowAndEveryRowItsRecording() throws IOException {
    assertThat(cases().missing(PEERS)).isEmpty();
  }

  @Test
  void thePageCountsThem() throws IOException {
    Page page = Page.read("peer-cases.md");

    page.requireEqual(page.with("totals", cases().totals(PeerCasesTest::agrees)));
  }

  @Test
  void everyRecordingIsNamedAsItsFileAndBySomethingOfItsOwn() throws IOException {
    List<Recording> peers = Recordings.below(PEERS);

    assertThat(peers).hasSizeGreaterThanOrEqualTo(150);
    for (PeerCases.Row row : cases().rows()) {
      if (row.kind() == PeerCases.Kind.SAID) {
        assertThat(row.file()).endsWith("/" + recording(row.file()).name() + ".json");
      }
    }
    assertThat(Recordings.all()).extracting(Recording::name).doesNotHaveDuplicates();
  }

  @Test
  void aFileWithoutRowAndARowWithoutFileAreFound(@TempDir Path folder) throws IOException {
    Path _ = Files.createDirectories(folder.resolve("a"));
    Path _ = Files.writeString(folder.resolve("a/one.json"), "{}");
    Path _ = Files.writeString(folder.resolve("a/two.json"), "{}");
    PeerCases cases =
        page(
            "| x | y | [two](%s/a/two.json) |".formatted(LINK),
            "| x | y | [three](%s/a/three.json) |".formatted(LINK));

    assertThat(cases.missing(folder))
        .containsExactly("no row: a/one.json", "no file: a/three.json");
  }

  @Test
  void whatDoesNotAgreeIsNotCounted() {
    PeerCases cases =
        page(
            "| x | y | [two](%s/a/two.json) |".formatted(LINK),
            "| x | y | [three](%s/a/three.json) |".formatted(LINK),
            "| x | y | later: z |",
            "| x | y | no: z |");

    assertThat(cases.totals("a/two.json"::equals))
        .contains("| project P | 4 | 2 | 1 | 1 | 1 |", "| all | 4 | 2 | 1 | 1 | 1 |");
  }

  @Test
  void aWrongAnswerDoesNotAgree() {
    Recording right = recording("ltp/eventfd-read.json");
    Recording wrong = new Recording("wrong", 1, right.steps().reversed());

    assertThat(agrees(right)).isTrue();
    assertThat(agrees(wrong)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "| x | y | |",
        "| x | y | z |",
        "| x | later: z |",
        "| x | y | [one](../conformance/resources/conformance/peers/a/two.json) |",
        "| x | y | [one](../conformance/resources/conformance/own/one.json) |",
      })
  void aRowThatSaysNothingIsRefused(String row) {
    assertThatThrownBy(() -> page(row)).hasMessageContaining(row);
  }

  private static PeerCases page(String... rows) {
    return PeerCases.of(
        "| before | any |\n## project P\n| case | what | by |\n|---|---|---|\n"
            + String.join("\n", rows));
  }

  private static PeerCases cases() throws IOException {
    return PeerCases.of(Page.read("peer-cases.md").text());
  }

  private static Recording recording(String file) {
    List<Recording> one = Recordings.below(PEERS.resolve(file));
    assertThat(one).hasSize(1);
    return one.getFirst();
  }

  private static boolean agrees(String file) {
    return agrees(recording(file));
  }

  private static boolean agrees(Recording recording) {
    Host host = TestHosts.boot(1);
    try (ScriptRunner runner = new ScriptRunner(host, LONG)) {
      return runner.run(Script.parse(recording.text(), Integer.MAX_VALUE)).stream()
          .map(result -> Recordings.step(result.members()))
          .toList()
          .equals(recording.steps());
    }
  }
}
