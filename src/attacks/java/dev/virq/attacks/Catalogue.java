package dev.virq.attacks;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** All attacks. */
final class Catalogue {
  static final List<Attack> ALL =
      Stream.of(
              ObjectAttacks.ALL,
              WaitingAttacks.ALL,
              ScriptAttacks.ALL,
              InterruptAttacks.ALL,
              WireAttacks.ALL,
              InputAttacks.ALL,
              ServiceAttacks.ALL)
          .flatMap(List::stream)
          .toList();

  private Catalogue() {}

  /** Those whose names match. */
  static List<Attack> matching(String names) {
    Pattern pattern = Pattern.compile(names);
    return ALL.stream().filter(attack -> pattern.matcher(attack.name()).matches()).toList();
  }

  /** The rows of the table in {@code attacks.md}. */
  static List<String> table() {
    return Stream.concat(
            Stream.of("| Attack | What it tries | Longest |", "|---|---|---|"),
            ALL.stream().map(Catalogue::row))
        .toList();
  }

  private static String row(Attack attack) {
    return String.format(
        Locale.ROOT,
        "| `%s`%s | %s | %d s |",
        attack.name(),
        attack.origin() == Attack.Origin.SEEN ? " \u2020" : "",
        attack.tries(),
        attack.longest().toSeconds());
  }
}
