package dev.virq.explore;

import java.util.List;

/**
 * What a program expects of every run: {@code always LOOK == VALUE|VALUE}, or the same with {@code
 * !=}.
 *
 * @param look at what
 * @param values the values meant
 * @param equal whether it has to be one of them, or none
 */
record Expectation(Look look, List<String> values, boolean equal) {
  Expectation {
    values = List.copyOf(values);
  }

  boolean holds(Sight sight) {
    return values.contains(look.of(sight)) == equal;
  }

  @Override
  public String toString() {
    return "always " + look + (equal ? " == " : " != ") + String.join("|", values);
  }
}
