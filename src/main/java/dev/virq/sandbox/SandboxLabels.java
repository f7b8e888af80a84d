package dev.virq.sandbox;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a caller may label a sandbox with, as the API takes it. */
public final class SandboxLabels {
  private static final int MOST = 32;
  private static final int LONGEST = 128;

  private SandboxLabels() {}

  /** What is wrong with these, or null. */
  public static @Nullable String fault(Map<String, String> labels) {
    if (labels.size() > MOST) {
      return labels.size() + " labels exceed the limit of " + MOST;
    }
    for (Map.Entry<String, String> label : labels.entrySet()) {
      String fault = fault(label.getKey(), label.getValue());
      if (fault != null) {
        return fault;
      }
    }
    return null;
  }

  /** What is wrong with this one, or null. */
  public static @Nullable String fault(String key, String value) {
    if (key.isEmpty() || key.length() > LONGEST || value.length() > LONGEST) {
      return "a label is longer than " + LONGEST + " characters, or has no key";
    }
    return isPrintable(key) && isPrintable(value)
        ? null
        : "a label has a control character, or half of a surrogate pair";
  }

  /** An escape can say what UTF-8 cannot. */
  private static boolean isPrintable(String text) {
    return text.codePoints()
        .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE);
  }
}
