package dev.virq.trace;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Different words of which there are few, by number: what has many of them keeps a number for each.
 * Used by one thread at a time.
 */
final class FewWords {
  /** Made for the first word: a log without events has none. */
  private @Nullable Map<String, Integer> numbers;

  private final List<String> words = new ArrayList<>(0);

  // Mostly the same word comes again and again.
  private @Nullable String last;
  private int lastNumber;

  /** The number of a word, from 1; 0 for null. */
  @SuppressWarnings("ReferenceEquality") // one that is equal is only looked for
  int of(@Nullable String word) {
    if (word == null) {
      return 0;
    }
    if (word != last) {
      lastNumber = find(word);
      last = word;
    }
    return lastNumber;
  }

  private int find(String word) {
    Map<String, Integer> known = numbers;
    if (known == null) {
      known = new HashMap<>(4);
      numbers = known;
    }
    return known.computeIfAbsent(
        word,
        another -> {
          words.add(another);
          return words.size();
        });
  }

  /** The word of a number; null for 0. */
  @Nullable String word(int number) {
    return number == 0 ? null : words.get(number - 1);
  }
}
