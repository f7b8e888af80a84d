package dev.virq.mutants;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One change to a source file.
 *
 * @param file below the source root, such as {@code dev/virq/irqfd/Irqfd.java}
 * @param find what to replace; occurs exactly once, however its white space is laid out
 * @param replacement what comes in its place
 */
record Edit(String file, String find, String replacement) {

  /**
   * Applies the change.
   *
   * @throws AssertionError when the text does not occur exactly once: the product has moved on and
   *     the broken copy has to follow
   */
  String apply(String source) {
    String layout =
        Arrays.stream(find.strip().split("\\s+"))
            .map(Pattern::quote)
            .collect(Collectors.joining("\\s+"));
    Matcher matcher = Pattern.compile(layout).matcher(source);
    long found = matcher.results().count();
    if (found != 1) {
      throw new AssertionError(
          "expected once in %s, found %d times: %s".formatted(file, found, find));
    }
    return matcher.reset().replaceFirst(Matcher.quoteReplacement(replacement));
  }
}
