package dev.virq.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.mutants.SrcuSights.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Every mutant of the SRCU is seen by a tool, and every tool is seen to see something. */
class SrcuSightsTest {
  private static final Path REPORT = Path.of("target", "srcu-mutants.txt");

  @Test
  void everyMutantIsSeenOrEquivalent() throws IOException {
    Map<String, Map<Tool, List<String>>> table = SrcuSights.table();

    List<String> lines = new ArrayList<>();
    IntStream.rangeClosed(1, 28)
        .filter(number -> number != 10) // there is no M10
        .mapToObj(number -> "M" + number)
        .forEach(id -> {
          String equivalent = SrcuSights.EQUIVALENT_ON_X86.get(id);
          assertThat(table.containsKey(id) || equivalent != null).as(id).isTrue();
          lines.add(id + (equivalent == null ? "" : " equivalent on x86: " + equivalent));
          table
              .getOrDefault(id, Map.of())
              .forEach((tool, tests) ->
                  lines.add("  %-8s %s".formatted(tool, String.join("; ", tests))));
        });
    Path _ = Files.createDirectories(REPORT.getParent());
    Path _ = Files.write(REPORT, lines);
  }

  @Test
  void everyToolSeesSomething() {
    for (Tool tool : Tool.values()) {
      assertThat(SrcuSights.table().values()).anyMatch(tools -> tools.containsKey(tool));
    }
  }

  /** What has no interleaving to be seen in is at least seen in a model of weaker memory. */
  @Test
  void whatOnlyAWeakerProcessorShowsIsInTheModel() {
    assertThat(SrcuSights.table().get("M7")).containsKey(Tool.SPIN);
    assertThat(SrcuSights.table().get("M8")).containsKey(Tool.SPIN);
  }
}
