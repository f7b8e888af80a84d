package dev.virq.script;

import dev.virq.errno.Errno;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one operation answered.
 *
 * @param operation what was asked
 * @param errno why it was refused, or null when it was done
 * @param value its result: a {@link Number}, or a map of numbers and truth values; null when the
 *     operation has none
 */
public record Result(Operation operation, @Nullable Errno errno, @Nullable Object value) {
  /** Its members in the order and shape of the recordings: op, ok, then errno or value if any. */
  public Map<String, Object> members() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("op", operation.toString());
    members.put("ok", errno == null);
    if (errno != null) {
      members.put("errno", errno.name());
    }
    if (value != null) {
      members.put("value", value);
    }
    return members;
  }
}
