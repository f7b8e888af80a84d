package dev.virq;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written for people leads where it says. */
class LinksTest {
  /** A link that is neither an address nor a place in the same file. */
  private static final Pattern LINK = Pattern.compile("\\]\\((?![a-z]+:|#)([^)#]+)[^)]*\\)");

  @ParameterizedTest
  @MethodSource("documents")
  void everyLinkLeadsToAFile(Path document) throws IOException {
    List<String> dead = new ArrayList<>();
    Matcher links = LINK.matcher(Files.readString(document));
    while (links.find()) {
      if (!Files.exists(document.resolveSibling(links.group(1)))) {
        dead.add(links.group(1));
      }
    }

    assertThat(dead).isEmpty();
  }

  static Stream<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>(List.of(Path.of("README.md")));
    for (String directory : List.of("src", "helm")) {
      try (Stream<Path> files = Files.walk(Path.of(directory))) {
        files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
      }
    }
    return documents.stream();
  }
}
