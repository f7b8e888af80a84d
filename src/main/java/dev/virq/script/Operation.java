package dev.virq.script;

import java.math.BigInteger;
import java.util.List;

/**
 * One operation, its words checked by {@link Script#parse}.
 *
 * @param line where it stands in the script, from 1
 * @param verb what to do
 * @param operands the words after it
 */
public record Operation(int line, Verb verb, List<String> operands) {
  /** Copies the words. */
  public Operation {
    operands = List.copyOf(operands);
  }

  /** How many operands there are. */
  int size() {
    return operands.size();
  }

  /** The word at that place, from 0. */
  String word(int place) {
    return operands.get(place);
  }

  /** The number at that place, from 0; unsigned. */
  long number(int place) {
    BigInteger number = Operand.number(operands.get(place));
    if (number == null) {
      throw new IllegalStateException("operand " + place + " of " + this + " is not a number");
    }
    return number.longValue();
  }

  /** As the line had it, with one blank between words. */
  @Override
  public String toString() {
    return operands.isEmpty() ? verb.word() : verb.word() + " " + String.join(" ", operands);
  }
}
