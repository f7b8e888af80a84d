package dev.virq.live;

import dev.virq.conformance.Recording;
import dev.virq.conformance.Recordings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A recorded script in the form in which scenarios are stored. */
final class Scenario {
  private Scenario() {}

  /** The JSON of a scenario with these steps. */
  static String json(String name, String title, List<Recording.Step> steps) {
    int tier = steps.stream().mapToInt(step -> tier(step.op())).max().orElse(1);
    return "{\"name\":\"%s\",%n \"tier\":%d,%n \"title\":\"%s\",%n \"steps\":[%n%s%n ]}%n"
        .formatted(
            name,
            tier,
            title,
            steps.stream()
                .map(step -> "  " + Recordings.json(members(step)))
                .collect(Collectors.joining(",\n")));
  }

  private static Map<String, Object> members(Recording.Step step) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("op", step.op());
    members.putAll(step.answer());
    return members;
  }

  /** What a simulator needs to have for the operation. */
  private static int tier(String op) {
    String verb = op.substring(0, op.indexOf(' '));
    if (verb.startsWith("guest_") || verb.equals("pic_ack")) {
      return 4;
    }
    if (verb.startsWith("lapic_") || verb.equals("get_lapic") || verb.equals("get_vcpu_events")) {
      return 3;
    }
    return switch (verb) {
      case "irq_line",
          "irq_line_nostatus",
          "signal_msi",
          "routing_set",
          "get_pic",
          "pit_create",
          "get_pit",
          "pit_set",
          "pit_reinject",
          "pic_set",
          "get_ioapic",
          "ioapic_set",
          "ioapic_set_redir" ->
          2;
      default -> 1;
    };
  }
}
