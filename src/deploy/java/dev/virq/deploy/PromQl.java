package dev.virq.deploy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads, from an expression in PromQL, which series it asks for. */
final class PromQl {
  private static final Pattern GROUPING =
      Pattern.compile("\\b(by|without|on|ignoring|group_left|group_right)\\s*\\([^)]*\\)");
  private static final Pattern RANGE = Pattern.compile("\\[[^\\]]*]");
  private static final Pattern SERIES =
      Pattern.compile("(?<![\\w.$])([a-zA-Z_:][\\w:]*)\\s*(?:\\{([^}]*)}|(\\())?");
  private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(=~|!~|!=|=)\\s*\"([^\"]*)\"");
  private static final Set<String> WORDS = Set.of("and", "or", "unless", "bool", "offset");

  /** Labels that the scraping adds, which no scrape contains. */
  private static final Set<String> ADDED = Set.of("namespace", "pod", "instance", "job");

  private PromQl() {}

  /** One condition on a label. */
  record Condition(String label, String operator, String value) {
    boolean holds(Map<String, String> labels) {
      String actual = labels.getOrDefault(label, "");
      return switch (operator) {
        case "=" -> actual.equals(value);
        case "!=" -> !actual.equals(value);
        case "=~" -> actual.matches(value);
        default -> !actual.matches(value);
      };
    }
  }

  /** A metric and the conditions on its own labels. */
  record Selector(String metric, List<Condition> conditions) {
    boolean matches(Sample sample) {
      return metric.equals(sample.metric())
          && conditions.stream().allMatch(condition -> condition.holds(sample.labels()));
    }
  }

  /** One line of a scrape, without its value. */
  record Sample(String metric, Map<String, String> labels) {
    private static final Pattern LINE = Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? \\S+.*");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** Every sample of a scrape. */
    static List<Sample> all(String scrape) {
      List<Sample> samples = new ArrayList<>();
      for (String line : scrape.split("\n", -1)) {
        Matcher matcher = LINE.matcher(line);
        if (!line.startsWith("#") && matcher.matches()) {
          Map<String, String> labels = new HashMap<>();
          if (matcher.group(2) != null) {
            LABEL
                .matcher(matcher.group(2))
                .results()
                .forEach(label -> labels.put(label.group(1), label.group(2)));
          }
          samples.add(new Sample(matcher.group(1), labels));
        }
      }
      return samples;
    }
  }

  /** What the expression asks for. */
  static Set<Selector> selectors(String expression) {
    Set<Selector> selectors = new HashSet<>();
    String plain = RANGE.matcher(GROUPING.matcher(expression).replaceAll(" ")).replaceAll(" ");
    Matcher matcher = SERIES.matcher(plain);
    while (matcher.find()) {
      boolean function = matcher.group(3) != null;
      if (!function && !WORDS.contains(matcher.group(1))) {
        selectors.add(new Selector(matcher.group(1), conditions(matcher.group(2))));
      }
    }
    return selectors;
  }

  private static List<Condition> conditions(String braces) {
    if (braces == null) {
      return List.of();
    }
    return MATCHER
        .matcher(braces)
        .results()
        .filter(condition -> !ADDED.contains(condition.group(1)))
        .map(one -> new Condition(one.group(1), one.group(2), one.group(3)))
        .toList();
  }
}
