package dev.virq.script;

import dev.virq.errno.Errno;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one operation answered.
 *
 * @param operation what was asked
 * @param errno why it was refused, or null when it was done
 * @param answer the members beside these: {@code value} if the operation has one, which may be
 *     null, and what guest operations add
 */
public record Result(
    Operation operation, @Nullable Errno errno, Map<String, @Nullable Object> answer) {
  /** Copies the answer. */
  public Result {
    answer = Collections.unmodifiableMap(new LinkedHashMap<>(answer));
  }

  /** The value; null when the operation has none. */
  public @Nullable Object value() {
    return answer.get("value");
  }

  /** Its members in the order and shape of the recordings: op, ok, then errno or the answer's. */
  public Map<String, @Nullable Object> members() {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("op", operation.toString());
    members.put("ok", errno == null);
    if (errno != null) {
      members.put("errno", errno.name());
    }
    members.putAll(answer);
    return members;
  }
}
