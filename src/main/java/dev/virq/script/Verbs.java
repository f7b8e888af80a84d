package dev.virq.script;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The vocabulary: what the five files of operations declare. */
public final class Verbs {
  private static final List<Verb> ALL =
      Stream.of(
              VmOperations.VERBS,
              EventfdOperations.VERBS,
              ChipOperations.VERBS,
              RunStateOperations.VERBS,
              PitOperations.VERBS,
              GuestOperations.VERBS)
          .flatMap(List::stream)
          .toList();

  private static final Map<String, Verb> BY_WORD =
      ALL.stream().collect(Collectors.toMap(Verb::word, Function.identity()));

  private Verbs() {}

  /** All of them, those that belong together side by side. */
  public static List<Verb> all() {
    return ALL;
  }

  /** The words of all of them. */
  static Set<String> words() {
    return BY_WORD.keySet();
  }

  /** The verb of that word, or null when there is none. */
  static @Nullable Verb find(String word) {
    return BY_WORD.get(word);
  }
}
