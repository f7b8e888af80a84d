package dev.virq.client;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the end of a sandbox found.
 *
 * @param leaked what had not been closed
 * @param pendingSignalsDropped signals that had no outcome yet
 * @param elapsedNanos how long it took
 * @param seq number of the last event
 * @param uid the life that a reset began; null after the end
 */
public record TeardownReport(
    Leaked leaked, long pendingSignalsDropped, long elapsedNanos, long seq, @Nullable String uid) {

  /** Ids of what had not been closed. */
  public record Leaked(
      List<String> vms, List<String> eventfds, List<String> irqfds, List<String> breakpoints) {

    /** Whether everything had been closed. */
    public boolean isEmpty() {
      return vms.isEmpty() && eventfds.isEmpty() && irqfds.isEmpty() && breakpoints.isEmpty();
    }

    /** The ids by kind, as a sentence has them. */
    String names() {
      Map<String, List<String>> kinds = new LinkedHashMap<>();
      kinds.put("vms", vms);
      kinds.put("eventfds", eventfds);
      kinds.put("irqfds", irqfds);
      kinds.put("breakpoints", breakpoints);
      return kinds.entrySet().stream()
          .filter(kind -> !kind.getValue().isEmpty())
          .map(kind -> kind.getKey() + " " + String.join(" ", kind.getValue()))
          .collect(Collectors.joining(", "));
    }
  }
}
