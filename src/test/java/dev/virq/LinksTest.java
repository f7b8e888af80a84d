package dev.virq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.docs.Documents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written for people leads where it says. */
class LinksTest {
  /** A link that is no address: a file, a place in it, or a place in the same file. */
  private static final Pattern LINK =
      Pattern.compile("\\]\\((?![a-z]+:)(?<file>[^)#]*)(?:#(?<place>[^)]*))?\\)");

  @ParameterizedTest
  @MethodSource("documents")
  void everyLinkLeadsToAFileAndAPlaceInIt(Path document) throws IOException {
    assertThat(dead(document, Files.readString(document))).isEmpty();
  }

  @Test
  void deadLinksAreFound() throws IOException {
    Path document = Path.of("src/docs/proof.md");
    String text =
        """
        # One place
        [a](#one-place) [b](#other-place) [c](image.md) [d](no-image.md)
        [e](image.md#arguments) [f](image.md#no-arguments) [g](https://example.org/none.md)
        """;

    assertThat(dead(document, text))
        .containsExactly("#other-place", "no-image.md", "image.md#no-arguments");
  }

  private static List<String> dead(Path document, String text) throws IOException {
    List<String> dead = new ArrayList<>();
    Matcher links = LINK.matcher(text);
    while (links.find()) {
      String file = links.group("file");
      String place = links.group("place");
      Path target = file.isEmpty() ? document : document.resolveSibling(file);
      if (!Files.exists(target)) {
        dead.add(file);
      } else if (place != null) {
        String there = file.isEmpty() ? text : Files.readString(target);
        if (!Documents.anchors(there).contains(place)) {
          dead.add(file + "#" + place);
        }
      }
    }
    return dead;
  }

  static Stream<Path> documents() throws IOException {
    return Documents.markdown().stream();
  }
}
