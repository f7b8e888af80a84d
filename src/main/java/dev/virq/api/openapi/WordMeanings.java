package dev.virq.api.openapi;

import dev.virq.trace.LineStatus;
import dev.virq.trace.Outcome;
import io.swagger.v3.oas.models.media.Schema;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What the words mean that answers say of signals: a sentence for each, from where it is declared.
 */
final class WordMeanings {
  /** Generators of clients read the sentences from here, in the order of the words. */
  private static final String EXTENSION = "x-enum-descriptions";

  private static final Map<List<String>, List<String>> SENTENCES = new LinkedHashMap<>();

  static {
    put(Outcome.values(), Outcome::meaning);
    put(LineStatus.values(), LineStatus::meaning);
  }

  private WordMeanings() {}

  private static <E extends Enum<E>> void put(E[] words, Function<E, String> meaning) {
    SENTENCES.put(
        Arrays.stream(words).map(Enum::name).toList(), Arrays.stream(words).map(meaning).toList());
  }

  /** Adds the sentences to each member that takes such words. */
  static void apply(Schema<?> schema) {
    if (schema.getProperties() == null) {
      return;
    }
    schema
        .getProperties()
        .forEach((_, member) -> {
          List<String> words = words(member);
          List<String> sentences = SENTENCES.get(words);
          if (sentences != null) {
            member.addExtension(EXTENSION, sentences);
            member.setDescription(member.getDescription() + ". " + said(words, sentences));
          }
        });
  }

  private static List<String> words(Schema<?> member) {
    return member.getEnum() == null
        ? List.of()
        : member.getEnum().stream().map(String::valueOf).toList();
  }

  private static String said(List<String> words, List<String> sentences) {
    return IntStream.range(0, words.size())
        .mapToObj(i -> words.get(i) + ": " + sentences.get(i))
        .collect(Collectors.joining(" "));
  }
}
