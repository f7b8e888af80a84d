package dev.virq.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files that people read, and the places in a document that a link can lead to. */
public final class Documents {
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.+)$");
  private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```$");

  private Documents() {}

  /** All Markdown files. */
  public static List<Path> markdown() throws IOException {
    return files("README.md", ".github", "src", "helm").stream()
        .filter(file -> file.toString().endsWith(".md"))
        .toList();
  }

  /** The regular files among these, and those below the directories among them. */
  public static List<Path> files(String... roots) throws IOException {
    List<Path> all = new ArrayList<>();
    for (String root : roots) {
      try (Stream<Path> below = Files.walk(Path.of(root))) {
        below.filter(Files::isRegularFile).sorted().forEach(all::add);
      }
    }
    return all;
  }

  /** What can stand behind # in a link to a document of this text, as GitHub makes it. */
  public static Set<String> anchors(String text) {
    Set<String> anchors = new TreeSet<>();
    Map<String, Integer> seen = new HashMap<>();
    Matcher heading = HEADING.matcher(FENCED.matcher(text).replaceAll(""));
    while (heading.find()) {
      String anchor =
          heading
              .group(1)
              .replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1")
              .toLowerCase(Locale.ROOT)
              .replaceAll("[^\\p{L}\\p{N} _-]", "")
              .replace(' ', '-');
      int before = seen.merge(anchor, 1, Integer::sum) - 1;
      anchors.add(before == 0 ? anchor : anchor + "-" + before);
    }
    return anchors;
  }
}
