package dev.virq.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
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

  private static final Path PAGE = Path.of("README.md");

  private static final Pattern BLOCK =
      Pattern.compile("(?ms)^<!-- (src/clients/\\S+) -->\\s*^```(\\w+)\n(.*?)^```$");

  @Test
  void blocksAreTheFilesThatTestsRun() throws IOException {
    Map<String, String> shown = new HashMap<>();
    for (Matcher block = BLOCK.matcher(Files.readString(PAGE)); block.find(); ) {
      String file = block.group(1);
      assertThat(block.group(3)).as(file).isEqualTo(Files.readString(Path.of(file)));
      shown.put(block.group(2), file);
    }
    assertThat(shown).isEqualTo(EXAMPLES);
  }

  @Test
  void languagesShowTheSameTest() throws IOException {
    Map<String, List<String>> comments = new HashMap<>();
    for (Map.Entry<String, String> example : EXAMPLES.entrySet()) {
      List<String> said = new ArrayList<>();
      Matcher comment =
          Pattern.compile("(?m)^\\s*(?:#|//) (.*)$")
              .matcher(Files.readString(Path.of(example.getValue())));
      while (comment.find()) {
        said.add(comment.group(1));
      }
      comments.put(example.getKey(), said);
    }
    assertThat(comments.get("python")).hasSize(4);
    assertThat(new TreeSet<>(comments.values().stream().map(Object::toString).toList())).hasSize(1);
  }
}
