package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The rules of Chrome's trace event format, as far as Perfetto reads it. */
final class TraceRules {
  private TraceRules() {}

  private record Track(long process, long thread) {}

  static void check(JsonNode trace) {
    assertThat(trace.get("traceEvents").isArray()).isTrue();
    Map<Track, ArrayDeque<String>> open = new HashMap<>();
    Map<Track, Double> last = new HashMap<>();
    Set<Track> named = new HashSet<>();
    Map<Long, Double> flows = new HashMap<>();
    Set<Long> flowsEnded = new HashSet<>();
    for (JsonNode event : trace.get("traceEvents")) {
      String phase = event.get("ph").asString();
      Track track = new Track(event.get("pid").asLong(), event.path("tid").asLong());
      assertThat(event.get("name").asString()).isNotBlank();
      if (phase.equals("M")) {
        if (event.get("name").asString().equals("thread_name")) {
          assertThat(named.add(track)).as("a track is named once").isTrue();
        }
        continue;
      }
      double at = event.get("ts").asDouble();
      assertThat(at).isNotNegative();
      if (!phase.equals("C")) {
        assertThat(named).as("%s is named before", event).contains(track);
      }
      if (Set.of("B", "E", "X", "i").contains(phase)) {
        assertThat(at).as("%s", event).isGreaterThanOrEqualTo(last.getOrDefault(track, 0.0));
        last.put(track, at);
      }
      switch (phase) {
        case "B" ->
            open.computeIfAbsent(track, _ -> new ArrayDeque<>()).push(event.get("name").asString());
        case "E" -> {
          ArrayDeque<String> stack = open.getOrDefault(track, new ArrayDeque<>());
          assertThat(stack).as("%s ends what has begun", event).isNotEmpty();
          assertThat(stack.pop()).as("%s", event).isEqualTo(event.get("name").asString());
        }
        case "X" -> assertThat(event.get("dur").asDouble()).isPositive();
        case "i" -> assertThat(event.get("s").asString()).isIn("t", "p");
        case "C" ->
            event.get("args").forEach(value -> assertThat(value.asDouble()).isNotNegative());
        case "s" ->
            assertThat(flows.put(event.get("id").asLong(), at)).as("ids are unique").isNull();
        case "f" -> {
          long id = event.get("id").asLong();
          assertThat(flows).as("%s ends a flow that has begun", event).containsKey(id);
          assertThat(flows.get(id)).isLessThanOrEqualTo(at);
          assertThat(flowsEnded.add(id)).isTrue();
          assertThat(event.get("bp").asString()).isEqualTo("e");
        }
        default -> throw new AssertionError("phase " + phase);
      }
    }
    open.forEach((track, stack) -> assertThat(stack).as("%s", track).isEmpty());
    assertThat(flowsEnded).as("every flow ends").isEqualTo(flows.keySet());
  }
}
