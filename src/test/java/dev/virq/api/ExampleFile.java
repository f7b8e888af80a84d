package dev.virq.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The recorded answers that the document shows as examples.
 *
 * <p>A test hands each answer that it gets to {@link #meet}. With {@code
 * -Dvirq.openapi.update=true} what differs is recorded anew; otherwise it is a fault. Answers are
 * the same when they have the same members, and errors when they say the same, numbers aside.
 */
final class ExampleFile {
  private static final Path FILE = Path.of("src/main/resources/dev/virq/api/openapi/examples.json");

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String LIFE = "5f0c1f5e-3a64-4d0e-9b1c-2f6f1c1d7a10";
  private static final String EPOCH = "0b7e3c52-8d1f-4f0a-a3b5-6c9d2e4f8a71";
  private static final String REQUEST = "7d4b9a36-1c2e-4f58-8a90-3e5d6c7b8f21";

  private final Map<String, Map<String, JsonNode>> recorded = new TreeMap<>();
  private final List<String> faults = new ArrayList<>();
  private boolean changed;

  ExampleFile() {
    try {
      JSON.readTree(Files.readString(FILE, UTF_8))
          .properties()
          .forEach(operation ->
              operation
                  .getValue()
                  .properties()
                  .forEach(one -> of(operation.getKey()).put(one.getKey(), one.getValue())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, JsonNode> of(String operation) {
    return recorded.computeIfAbsent(operation, _ -> new TreeMap<>());
  }

  /** A success of an operation, as JSON or, when it is lines, as text. */
  void meet(String operation, int status, JsonNode answer) {
    meet(operation, Integer.toString(status), answer, shape(answer));
  }

  /** A refusal of an operation. */
  void meetRefusal(String operation, JsonNode problem) {
    meet(operation, key(problem), problem, said(problem));
  }

  private void meet(String operation, String key, JsonNode answer, String now) {
    JsonNode before = of(operation).get(key);
    String then = before == null ? "" : before.has("detail") ? said(before) : shape(before);
    if (!now.equals(then)) {
      faults.add(operation + " " + key + ":\n  shown    " + then + "\n  answered " + now);
      of(operation).put(key, fixed(answer));
      changed = true;
    }
  }

  static String key(JsonNode problem) {
    return problem.path("status").asInt() + " " + problem.path("errno").asString();
  }

  /** What is another in each run is the same in all examples. */
  private static JsonNode fixed(JsonNode answer) {
    if (answer.isString()) {
      return answer;
    }
    JsonNode named = JSON.readTree(answer.toString().replaceAll("test-[0-9]+", "default"));
    // What an error tells besides comes in any order.
    JsonNode copy = named.has("detail") ? orderedProblem((ObjectNode) named) : named;
    Map.of("uid", LIFE, "epoch", EPOCH, "node", "virq-0", "requestId", REQUEST)
        .forEach((member, value) -> set(copy, member, value));
    return copy;
  }

  private static JsonNode orderedProblem(ObjectNode problem) {
    ObjectNode copy = JSON.createObjectNode();
    List<String> first =
        List.of("type", "title", "status", "detail", "instance", "errno", "errnoNumber");
    first.forEach(member -> copy.set(member, problem.path(member)));
    problem
        .propertyStream()
        .filter(member -> !first.contains(member.getKey()))
        .sorted(Map.Entry.comparingByKey())
        .forEach(member -> copy.set(member.getKey(), ordered(member.getValue())));
    return copy;
  }

  private static JsonNode ordered(JsonNode fact) {
    if (!(fact instanceof ObjectNode object)) {
      return fact;
    }
    ObjectNode copy = JSON.createObjectNode();
    object
        .propertyStream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(member -> copy.set(member.getKey(), member.getValue()));
    return copy;
  }

  private static void set(JsonNode node, String member, String value) {
    if (node instanceof ObjectNode object && object.has(member)) {
      object.put(member, value);
    }
    node.values().forEach(child -> set(child, member, value));
  }

  /** The members that an answer has, with their types. */
  private static String shape(JsonNode node) {
    Set<String> members = new TreeSet<>();
    shape("", node, members);
    return members.toString();
  }

  private static void shape(String at, JsonNode node, Set<String> members) {
    if (node.isContainer() && node.isEmpty()) {
      // Or nothing would tell it from a member that is not there.
      members.add(at + ":" + node.getNodeType());
    } else if (node.isObject()) {
      node.properties().forEach(one -> shape(at + "/" + one.getKey(), one.getValue(), members));
    } else if (node.isArray()) {
      node.forEach(item -> shape(at + "/-", item, members));
    } else {
      members.add(at + ":" + node.getNodeType());
    }
  }

  /** What an error says, without what is another in each run. */
  private static String said(JsonNode problem) {
    ObjectNode copy = (ObjectNode) fixed(problem);
    return copy.toString()
        .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID")
        .replaceAll("[-0-9]{10}T[0-9:.]+Z", "TIME")
        .replaceAll("[0-9]+", "0");
  }

  /** Writes what was recorded, when that is asked for; what differs otherwise. */
  List<String> faults() {
    if (!Boolean.getBoolean("virq.openapi.update")) {
      return faults;
    }
    if (changed) {
      StringBuilder text = new StringBuilder("{");
      recorded.forEach((operation, answers) -> {
        text.append(text.length() == 1 ? "\n" : ",\n").append("  \"").append(operation);
        text.append("\": {");
        String between = "\n";
        for (Map.Entry<String, JsonNode> one : answers.entrySet()) {
          text.append(between).append("    \"").append(one.getKey()).append("\": ");
          text.append(one.getValue());
          between = ",\n";
        }
        text.append("\n  }");
      });
      try {
        Files.writeString(FILE, text.append("\n}\n"), UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return List.of();
  }
}
