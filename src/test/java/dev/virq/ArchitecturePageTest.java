package dev.virq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.docs.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code src/docs/architecture.md} shows the table that {@link ArchitectureTest} holds. */
class ArchitecturePageTest {
  private static final Path HOUSE = Path.of("src/main/java/dev/virq");

  private static final Pattern COMMENT = Pattern.compile("(?s)/\\*\\*(.*?)\\*/");
  private static final Pattern USES = Pattern.compile("\\bUses (.*?)(?:;|\\.(?=\\s|$))");
  private static final Pattern TAG =
      Pattern.compile("\\{@(?:code|link) (?:dev\\.virq\\.)?([^}]+)}");

  @Test
  void pageShowsTheTable() throws IOException {
    Page page = Page.read("architecture.md");

    page.requireEqual(expected(page, rows()));
  }

  @Test
  void everyDifferenceIsFound() throws IOException {
    Page page = Page.read("architecture.md");
    Map<String, List<String>> rows = rows();
    List<String> more = new ArrayList<>(rows.getOrDefault("vm", List.of()));
    more.add("srcu");
    rows.put("vm", more);

    assertThat(page.differences(expected(page, rows)))
        .anyMatch(line -> line.startsWith("+     vm --> ") && line.endsWith("srcu"))
        .anyMatch(line -> line.startsWith("+ | `vm` |") && line.contains("`srcu`"));
  }

  @Test
  void arrowsThatFollowFromOthersAreLeftOut() {
    Map<String, List<String>> rows = new LinkedHashMap<>();
    rows.put("a", List.of());
    rows.put("b.c", List.of("a"));
    rows.put("d", List.of("a", "b.c"));

    assertThat(graph(rows))
        .contains("    b_c[\"b.c\"]", "    d --> b_c", "    b_c --> a")
        .doesNotContain("    d --> a");
  }

  @Test
  void packagesUseWhatTheySay() throws IOException {
    Map<String, List<String>> rows = rows();
    List<String> wrong = new ArrayList<>();
    for (Map.Entry<String, List<String>> row : rows.entrySet()) {
      wrong.addAll(wrongUses(row.getKey(), comment(row.getKey()), row.getValue(), rows.keySet()));
    }

    assertThat(wrong).isEmpty();
  }

  @Test
  void packageThatSaysOtherwiseIsFound() {
    Set<String> all = Set.of("errno", "trace", "vm");

    assertThat(wrongUses("vm", "It is. Uses errno and trace only.", List.of("errno"), all))
        .containsExactly("vm says that it uses trace");
    assertThat(wrongUses("vm", "Uses errno only; it is.", List.of("errno", "trace"), all))
        .containsExactly("vm does not say that it uses trace");
    assertThat(wrongUses("vm", "Uses errno, among others.", List.of("errno", "trace"), all))
        .isEmpty();
  }

  /** Where the sentence about what a package uses and its row differ. */
  private static List<String> wrongUses(
      String name, String comment, List<String> row, Set<String> all) {
    List<String> wrong = new ArrayList<>();
    Matcher uses = USES.matcher(comment);
    while (uses.find()) {
      List<String> words = List.of(uses.group(1).split("[^\\w.]+", -1));
      words.stream()
          .filter(all::contains)
          .filter(word -> !row.contains(word))
          .forEach(word -> wrong.add(name + " says that it uses " + word));
      if (words.contains("only")) {
        row.stream()
            .filter(one -> !words.contains(one))
            .forEach(one -> wrong.add(name + " does not say that it uses " + one));
      }
    }
    return wrong;
  }

  private static Page expected(Page page, Map<String, List<String>> rows) throws IOException {
    return page.with("imports", graph(rows)).with("packages", table(rows));
  }

  /** The rows of packages that are there. */
  private static Map<String, List<String>> rows() {
    Map<String, List<String>> rows = new LinkedHashMap<>();
    ArchitectureTest.TABLE.forEach((name, imports) -> {
      if (Files.exists(info(name))) {
        rows.put(name, imports.stream().filter(one -> Files.exists(info(one))).toList());
      }
    });
    return rows;
  }

  private static Path info(String name) {
    return HOUSE.resolve(name.replace('.', '/')).resolve("package-info.java");
  }

  private static List<String> graph(Map<String, List<String>> rows) {
    List<String> lines = new ArrayList<>(List.of("```mermaid", "flowchart TB"));
    for (String name : rows.keySet()) {
      lines.add("    %s[\"%s\"]".formatted(node(name), name));
    }
    rows.forEach((name, imports) -> {
      Set<String> further = new HashSet<>();
      imports.forEach(one -> reach(rows, one, further));
      for (String one : imports) {
        if (!further.contains(one)) {
          lines.add("    %s --> %s".formatted(node(name), node(one)));
        }
      }
    });
    lines.add("```");
    return lines;
  }

  /** Adds everything that a package may import, directly or not. */
  private static void reach(Map<String, List<String>> rows, String name, Set<String> reached) {
    for (String one : rows.getOrDefault(name, List.of())) {
      if (reached.add(one)) {
        reach(rows, one, reached);
      }
    }
  }

  private static String node(String name) {
    return name.replace('.', '_');
  }

  private static List<String> table(Map<String, List<String>> rows) throws IOException {
    List<String> lines =
        new ArrayList<>(List.of("| package | what it is | may import |", "|---|---|---|"));
    for (Map.Entry<String, List<String>> row : rows.entrySet()) {
      List<String> imports = row.getValue().stream().map("`%s`"::formatted).toList();
      lines.add(
          "| `%s` | %s | %s |"
              .formatted(
                  row.getKey(),
                  sentence(row.getKey()),
                  imports.isEmpty() ? "–" : String.join(", ", imports)));
    }
    return lines;
  }

  /** The first sentence about a package, without its full stop. */
  private static String sentence(String name) throws IOException {
    String text = comment(name);
    String first = text.split("(?<=\\.) |\\.$| <p>", 2)[0].replaceAll("\\.$", "").strip();
    return TAG.matcher(first).replaceAll("`$1`");
  }

  /** What a package says about itself, on one line. */
  private static String comment(String name) throws IOException {
    Matcher comment = COMMENT.matcher(Files.readString(info(name)));
    assertThat(comment.find()).as("comment of %s", name).isTrue();
    return comment.group(1).replaceAll("\\s*\\R \\*\\s?", " ").strip();
  }
}
