package dev.virq.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What comments and documents cite: pages, their sections and rules, decisions, marks of the 2009
 * patch, codes of guarantees.md.
 */
final class Citations {
  private static final Pattern ADDRESS = Pattern.compile("https?://\\S+");
  private static final Pattern PAGE =
      Pattern.compile(
          "(?<![\\w./*<>{}$-])(?<page>(?:\\.\\.?/)*\\w[\\w./-]*\\.md)\\b(?:#(?<anchor>[\\w-]+))?");
  private static final Pattern JAVA =
      Pattern.compile("(?<![\\w./*-])(?:\\.\\./)*(?:\\w+/)+\\w+\\.java\\b");
  private static final String PLACE = "§\\d+(?:\\.\\d+)?";
  private static final Pattern SECTIONS =
      Pattern.compile(
          "(?<page>\\w[\\w-]*\\.md)[`})\\]]*,? (?<places>%s(?:(?:,? and |, | to | or )%s)*)"
              .formatted(PLACE, PLACE));
  private static final Pattern ONE_PLACE =
      Pattern.compile("§(?<section>\\d+)(?:\\.(?<rule>\\d+))?");
  private static final Pattern DECISION = Pattern.compile("\\b[Dd]ecisions? (?<number>\\d+)");
  private static final Pattern MARK =
      Pattern.compile("\\b[Mm]arks? (?:<b>|\\*\\*|\\{@code )?\\[(?<number>\\d+)]");
  private static final Pattern CODE =
      Pattern.compile("(?<![\\w+/#.-])[SDWMLKC][1-9]\\d?[a-z]?(?![\\w(-])");
  private static final Pattern KNOWN_CODE =
      Pattern.compile("(?m)^\\| ([^|]+) \\||There is no (M\\d+)");

  /** Names for what the repository does not hold. */
  private static final Pattern NOWHERE =
      Pattern.compile(
          "(?i)conformance rules|\\brules, sections? \\d|\\bcontract,? (?:§|section)"
              + "|\\bthe design (?:has|says)");

  /** The mail of 2009 by a word that means something else here. */
  private static final Pattern THREAD =
      Pattern.compile(
          "(?i)\\b2009 (?:mailing-list )?thread|thread of 2 June"
              + "|\\bthe thread's (?:own )?(?:marks?|code|patch|order|five steps)\\b"
              + "|(?:steps|mark \\[\\d]|patch) of the thread\\b");

  /** Files of the product are cited from here, or from the root of their packages. */
  private static final Path SOURCES = Path.of("src/main/java");

  private static final Path HOUSE = SOURCES.resolve("dev/virq");

  private final Map<String, Path> pages = new HashMap<>();
  private final Set<String> codes = new TreeSet<>();
  private final Set<String> marks = new TreeSet<>();

  /** Learns what there is to cite. */
  Citations() throws IOException {
    for (Path document : Documents.markdown()) {
      // Several are called README.md; they are cited by their paths.
      pages.merge(document.getFileName().toString(), document, (a, b) -> a);
    }
    Matcher code = KNOWN_CODE.matcher(Page.read("guarantees.md").text());
    while (code.find()) {
      String known = code.group(1) == null ? code.group(2) : code.group(1);
      codes.addAll(List.of(known.split("[, ]+", -1)));
    }
    for (String line : Page.read("the-2009-patch.md").text().lines().toList()) {
      if (line.startsWith("| [")) {
        marks.add(line.substring(3, line.indexOf(']')));
      }
    }
  }

  /** Everything in a file that leads nowhere. */
  List<String> wrong(Path file, String text) throws IOException {
    String prose = ADDRESS.matcher(Prose.of(file, text)).replaceAll("");
    List<String> wrong = new ArrayList<>();
    pages(file, prose, wrong);
    sections(file, prose, wrong);
    JAVA.matcher(prose)
        .results()
        .map(MatchResult::group)
        .filter(name -> !Files.exists(Path.of(name)))
        .filter(name -> !Files.exists(SOURCES.resolve(name)))
        .filter(name -> !Files.exists(HOUSE.resolve(name)))
        .filter(name -> !Files.exists(file.resolveSibling(name)))
        .forEach(wrong::add);
    DECISION
        .matcher(prose)
        .results()
        .forEach(one -> {
          if (pages.keySet().stream()
              .noneMatch(name -> name.matches("0*" + one.group(1) + "-.*"))) {
            wrong.add(one.group());
          }
        });
    MARK.matcher(prose)
        .results()
        .filter(one -> !marks.contains(one.group(1)))
        .forEach(one -> wrong.add(one.group()));
    CODE.matcher(prose)
        .results()
        .filter(one -> !codes.contains(one.group()))
        .forEach(one -> wrong.add(one.group()));
    NOWHERE.matcher(prose).results().forEach(one -> wrong.add(one.group()));
    if (!isServed(file)) {
      THREAD.matcher(prose).results().forEach(one -> wrong.add(one.group()));
    }
    return wrong;
  }

  /** Words that clients and the chart's users have been given; they stay as they are. */
  private static boolean isServed(Path file) {
    return file.startsWith("src/main/java/dev/virq/api") || file.startsWith("helm");
  }

  private void pages(Path file, String prose, List<String> wrong) throws IOException {
    Matcher page = PAGE.matcher(prose);
    while (page.find()) {
      Path found = find(file, page.group("page"));
      String anchor = page.group("anchor");
      if (found == null) {
        wrong.add(page.group());
      } else if (anchor != null
          && Files.exists(found)
          && !Documents.anchors(Files.readString(found)).contains(anchor)) {
        wrong.add(page.group());
      }
    }
  }

  private @Nullable Path find(Path from, String name) {
    Path beside = from.resolveSibling(name).normalize();
    Path whole = Path.of(name);
    if (name.startsWith("target/") || Files.exists(whole)) {
      return whole;
    }
    return Files.exists(beside) ? beside : pages.get(name);
  }

  private void sections(Path file, String prose, List<String> wrong) throws IOException {
    StringBuilder rest = new StringBuilder();
    Matcher cited = SECTIONS.matcher(prose);
    while (cited.find()) {
      Path page = pages.get(cited.group("page"));
      if (page != null) {
        places(Files.readString(page), cited.group("page") + " ", cited.group("places"), wrong);
      }
      cited.appendReplacement(rest, "");
    }
    cited.appendTail(rest);
    // Without a page it is one of the same document.
    places(
        file.toString().endsWith(".md") ? Files.readString(file) : "", "", rest.toString(), wrong);
  }

  private static void places(String page, String name, String text, List<String> wrong) {
    Matcher place = ONE_PLACE.matcher(text);
    while (place.find()) {
      if (!has(page, place.group("section"), place.group("rule"))) {
        wrong.add(name + place.group());
      }
    }
  }

  private static boolean has(String page, String section, @Nullable String rule) {
    Matcher heading = Pattern.compile("(?m)^## " + section + "\\. ").matcher(page);
    if (!heading.find()) {
      return false;
    }
    int end = page.indexOf("\n## ", heading.end());
    String body = page.substring(heading.end(), end < 0 ? page.length() : end);
    return rule == null || Pattern.compile("(?m)^" + rule + "\\. ").matcher(body).find();
  }
}
