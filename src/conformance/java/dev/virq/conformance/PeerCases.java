package dev.virq.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The tables of {@code src/docs/peer-cases.md}: each row is a case of another project.
 *
 * @param rows in order of the page
 */
record PeerCases(List<Row> rows) {
  /** Where the page's links lead, from where it stands. */
  private static final String FOLDER = "../conformance/resources/conformance/peers/";

  private static final Pattern SAID =
      Pattern.compile("\\[(?<name>[^]]+)]\\((?<file>" + Pattern.quote(FOLDER) + "[^)]+)\\)");

  /** What can be done about a case. */
  enum Kind {
    SAID,
    LATER,
    NO
  }

  /**
   * One case.
   *
   * @param project the heading above it
   * @param line the row as it is
   * @param kind what can be done about it
   * @param file the recording, below the folder of all; empty unless it is said
   */
  record Row(String project, String line, Kind kind, String file) {
    static Row of(String project, String line) {
      String[] cells = line.split("\\|", -1);
      if (cells.length != 5) {
        throw new IllegalArgumentException("not three cells: " + line);
      }
      String said = cells[3].strip();
      Matcher link = SAID.matcher(said);
      if (link.matches()) {
        String file = link.group("file").substring(FOLDER.length());
        if (!file.endsWith("/" + link.group("name") + ".json")) {
          throw new IllegalArgumentException("named otherwise than its file: " + line);
        }
        return new Row(project, line, Kind.SAID, file);
      }
      if (said.startsWith("later: ") || said.startsWith("no: ")) {
        return new Row(project, line, said.startsWith("no") ? Kind.NO : Kind.LATER, "");
      }
      throw new IllegalArgumentException("neither said, nor later, nor no: " + line);
    }
  }

  /** The rows of a page of that text. */
  static PeerCases of(String page) {
    List<Row> rows = new ArrayList<>();
    String project = "";
    for (String line : page.lines().toList()) {
      if (line.startsWith("## ")) {
        project = line.substring(3);
      } else if (!project.isEmpty() && line.startsWith("| ") && !line.startsWith("| case |")) {
        rows.add(Row.of(project, line));
      }
    }
    return new PeerCases(rows);
  }

  /** The recordings below the folder that no row names, and those named that are not there. */
  List<String> missing(Path folder) throws IOException {
    Set<String> named =
        rows.stream()
            .map(Row::file)
            .filter(Predicate.not(String::isEmpty))
            .collect(Collectors.toCollection(TreeSet::new));
    List<String> missing = new ArrayList<>();
    Set<String> files = new TreeSet<>();
    try (Stream<Path> all = Files.walk(folder)) {
      all.filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString().replace('\\', '/'))
          .forEach(files::add);
    }
    files.stream()
        .filter(file -> !named.contains(file))
        .map("no row: "::concat)
        .forEach(missing::add);
    named.stream()
        .filter(file -> !files.contains(file))
        .map("no file: "::concat)
        .forEach(missing::add);
    return missing;
  }

  /**
   * The table of totals.
   *
   * @param agrees whether virq answers a recording as it was recorded
   */
  List<String> totals(Predicate<String> agrees) {
    Map<String, List<Row>> projects =
        rows.stream()
            .collect(Collectors.groupingBy(Row::project, LinkedHashMap::new, Collectors.toList()));
    List<String> lines =
        new ArrayList<>(
            List.of(
                "| project | cases | said | agree | later | no |", "|---|---|---|---|---|---|"));
    projects.forEach((project, some) -> lines.add(totals(project, some, agrees)));
    lines.add(totals("all", rows, agrees));
    return lines;
  }

  private static String totals(String name, List<Row> rows, Predicate<String> agrees) {
    long said = count(rows, Kind.SAID);
    long agree =
        rows.stream().map(Row::file).filter(file -> !file.isEmpty()).filter(agrees).count();
    return "| %s | %d | %d | %d | %d | %d |"
        .formatted(name, rows.size(), said, agree, count(rows, Kind.LATER), count(rows, Kind.NO));
  }

  private static long count(List<Row> rows, Kind kind) {
    return rows.stream().filter(row -> row.kind() == kind).count();
  }
}
