package dev.virq.api.load;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which connections have been in the middle of one request's head for too long, by looking now and
 * then. One thread at a time.
 */
final class HeadDeadline {
  private final long deadlineNanos;
  private Map<Object, Long> since = new HashMap<>();

  HeadDeadline(long deadlineNanos) {
    this.deadlineNanos = deadlineNanos;
  }

  /**
   * Those that are too late.
   *
   * @param heads what identifies the request whose head has arrived in part, one for each such
   *     connection
   * @param nowNanos as {@link System#nanoTime}
   */
  Set<Object> late(Set<?> heads, long nowNanos) {
    Map<Object, Long> still = new HashMap<>();
    Set<Object> late = new HashSet<>();
    for (Object head : heads) {
      long first = since.getOrDefault(head, nowNanos);
      still.put(head, first);
      if (nowNanos - first >= deadlineNanos) {
        late.add(head);
      }
    }
    since = still;
    return late;
  }
}
