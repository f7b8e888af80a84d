package dev.virq.docs;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A page of {@code src/docs} with parts that follow from the code. A part stands between {@code
 * <!-- name -->} and {@code <!-- /name -->}, each on a line of its own.
 *
 * @param path where the page stands
 * @param text all of it
 */
public record Page(Path path, String text) {
  /** Where a page is written that differs from the one in the repository. */
  private static final Path OUTPUT = Path.of("target/docs");

  /** The page of that name in {@code src/docs}. */
  public static Page read(String name) throws IOException {
    Path path = Path.of("src/docs", name);
    return new Page(path, Files.readString(path));
  }

  /** The lines of a part. */
  public List<String> part(String name) {
    return text.substring(begin(name), end(name)).lines().toList();
  }

  /** The same page with another part. */
  public Page with(String name, List<String> lines) {
    String part = String.join("\n", lines) + "\n";
    return new Page(path, text.substring(0, begin(name)) + part + text.substring(end(name)));
  }

  private int begin(String name) {
    return find("<!-- " + name + " -->\n") + name.length() + "<!--  -->\n".length();
  }

  private int end(String name) {
    return find("<!-- /" + name + " -->\n");
  }

  private int find(String marker) {
    int at = text.indexOf(marker);
    if (at < 0) {
      throw new IllegalStateException(path + " has no line " + marker.strip());
    }
    return at;
  }

  /** Lines that one of the pages has and the other has not; empty when they are equal. */
  public List<String> differences(Page other) {
    List<String> mine = text.lines().toList();
    List<String> others = other.text.lines().toList();
    List<String> all = new java.util.ArrayList<>();
    mine.stream().filter(line -> !others.contains(line)).map("- "::concat).forEach(all::add);
    others.stream().filter(line -> !mine.contains(line)).map("+ "::concat).forEach(all::add);
    if (all.isEmpty() && !mine.equals(others)) {
      all.add("the order of the lines");
    }
    return all;
  }

  /** Fails, and writes down the page as it should be, when this is not that page. */
  public void requireEqual(Page expected) throws IOException {
    List<String> differences = differences(expected);
    if (!differences.isEmpty()) {
      Path output = OUTPUT.resolve(path.getFileName());
      Path _ = Files.createDirectories(OUTPUT);
      Path _ = Files.writeString(output, expected.text);
      fail(
          "%s does not say what the code says; to update it: cp %s %s%n%s"
              .formatted(path, output, path, String.join("\n", differences)));
    }
  }
}
