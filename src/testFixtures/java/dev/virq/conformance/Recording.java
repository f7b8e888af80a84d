package dev.virq.conformance;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A script and what the recorded kernel answered.
 *
 * @param name names it
 * @param tier what it needs
 * @param steps in order
 */
public record Recording(String name, int tier, List<Step> steps) {
  /**
   * One operation and its answer.
   *
   * @param op the operation's line
   * @param answer all members but op; integers are {@link java.math.BigInteger}s
   */
  public record Step(String op, Map<String, Object> answer) {
    /** From an object that has the member op beside the answer's. */
    public static Step of(Map<String, Object> members) {
      Map<String, Object> answer = new LinkedHashMap<>(members);
      return new Step((String) answer.remove("op"), answer);
    }
  }

  /** The script's text. */
  public String text() {
    StringBuilder text = new StringBuilder();
    steps.forEach(step -> text.append(step.op()).append('\n'));
    return text.toString();
  }

  /**
   * Requires that the answers are those recorded.
   *
   * @throws AssertionError naming script, step, operation, what was expected and what was got
   */
  public void require(List<Step> got) {
    for (int i = 0; i < steps.size() && i < got.size(); i++) {
      Step expected = steps.get(i);
      if (!expected.equals(got.get(i))) {
        throw new AssertionError(
            "%s, step %d, %s%n  expected %s%n  got      %s"
                .formatted(name, i + 1, expected.op(), expected.answer(), got.get(i)));
      }
    }
    if (got.size() != steps.size()) {
      throw new AssertionError(
          "%s: expected %d answers, got %d".formatted(name, steps.size(), got.size()));
    }
  }
}
