package dev.virq.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What the README shows of a language is the file that its tests run. In front of such a block
 * stands a comment with the file's name, {@code <!-- src/clients/go/example_test.go -->}.
 */
class ReadmeExamplesTest {
  private static final Map<String, String> EXAMPLES =
      Map.of(
          "python", "src/clients/python/test_example.py",
          "js", "src/clients/js/example.test.js",
          "go", "src/clients/go/example_test.go",
          "java", "src/clients/java/dev/virq/client/example/CloseUnderBreakpointTest.java");

  /** The level-triggered round; the page of the helpers shows the first. */
  private static final List<Path> ROUNDS =
      List.of(
          Path.of("src/clients/python/test_level.py"),
          Path.of("src/clients/js/level.test.js"),
          Path.of("src/clients/go/level_test.go"),
          Path.of("src/clients/java/dev/virq/client/example/LevelRoundTest.java"));

  private static final Path PAGE = Path.of("README.md");
  private static final Path HELPERS = Path.of("src/clients/README.md");

  private static final Pattern BLOCK =
      Pattern.compile("(?ms)^<!-- (src/clients/\\S+) -->\\s*^```(\\w+)\n(.*?)^```$");

  @Test
  void blocksAreTheFilesThatTestsRun() throws IOException {
    assertThat(blocks(PAGE)).isEqualTo(EXAMPLES);
    assertThat(blocks(HELPERS)).isEqualTo(Map.of("python", ROUNDS.getFirst().toString()));
  }

  /** The files that a page shows, by language. */
  private static Map<String, String> blocks(Path page) throws IOException {
    Map<String, String> shown = new HashMap<>();
    for (Matcher block = BLOCK.matcher(Files.readString(page)); block.find(); ) {
      String file = block.group(1);
      assertThat(block.group(3)).as(file).isEqualTo(Files.readString(Path.of(file)));
      shown.put(block.group(2), file);
    }
    return shown;
  }

  @Test
  void languagesShowTheSameTest() throws IOException {
    assertThat(sameComments(EXAMPLES.values().stream().map(Path::of).toList())).hasSize(4);
    assertThat(sameComments(ROUNDS)).hasSize(6);
  }

  private static List<String> sameComments(List<Path> files) throws IOException {
    Set<List<String>> comments = new HashSet<>();
    for (Path file : files) {
      List<String> said = new ArrayList<>();
      Matcher comment = Pattern.compile("(?m)^\\s*(?:#|//) (.*)$").matcher(Files.readString(file));
      while (comment.find()) {
        said.add(comment.group(1));
      }
      comments.add(said);
    }
    assertThat(comments).as("the comments in %s", files).hasSize(1);
    return comments.iterator().next();
  }
}
