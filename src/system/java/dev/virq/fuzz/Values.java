package dev.virq.fuzz;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.JsonNode;

/** Makes values for schemas, as JSON text: right ones, ones at a boundary, and wrong ones. */
final class Values {
  private static final List<String> NUMBERS =
      List.of(
          "-1",
          "0",
          "1",
          "23",
          "24",
          "255",
          "256",
          "1023",
          "4095",
          "4096",
          "65535",
          "65536",
          "2147483647",
          "2147483648",
          "4294967295",
          "4294967296",
          "9223372036854775807",
          "9223372036854775808",
          "18446744073709551614",
          "18446744073709551615",
          "18446744073709551616",
          "-9223372036854775809",
          "1e3",
          "1.0",
          "-0",
          "1e400",
          "99999999999999999999999999999999999999999");

  private static final List<String> WRONG =
      List.of(
          "null",
          "true",
          "\"\"",
          "{}",
          "[]",
          "[[]]",
          "{\"a\":{}}",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"\\udc00\\ud800\"",
          "\"\\ud83d\\ude00\"",
          "\"%ff\"",
          "\"../..\"",
          "01",
          "+1",
          "NaN",
          "'a'",
          "\"\\x\"",
          "\"unended",
          "[1,",
          "\"ä€\"",
          "\"\\u2028\"",
          "\"PT-1S\"",
          "\"PT99999999999999999999S\"",
          "\"P9999999999D\"",
          "\"default\"",
          "-",
          "1 2");

  private static final List<String> LENGTHS =
      List.of("PT0S", "PT0.001S", "PT0.01S", "PT0.02S", "PT0.000000001S");

  /** Has no divisor in common with how many notable numbers there are. */
  private static final int STRIDE = 7;

  private final Document document;
  private final Pools pools;
  private final Random random;
  private final List<String> points;

  /**
   * By operation and member the notable number that comes next. In turn and not at random: each
   * operation is sent each of them, however many operations there are.
   */
  private final Map<String, Integer> turns = new HashMap<>();

  private final int first;

  private String operation = "";

  /** How many of a hundred values are no right ones. */
  private int hostility;

  /**
   * Values of one client.
   *
   * @param client its number; each begins with another of the notable numbers
   */
  Values(Document document, Pools pools, Random random, List<String> points, int client) {
    this.first = client * STRIDE % NUMBERS.size();
    this.document = document;
    this.pools = pools;
    this.random = random;
    this.points = points;
  }

  void hostility(int percent) {
    hostility = percent;
  }

  /** What is made from now on is for the operation of that id. */
  void operation(String id) {
    operation = id;
  }

  <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  /** A value of a parameter, not yet encoded. */
  String parameter(Document.Parameter parameter) {
    if (chance(hostility)) {
      return one(chance(50) ? NUMBERS : WRONG).replace("\"", "");
    }
    String named = named(parameter.name());
    if (named != null) {
      return named;
    }
    JsonNode schema = document.resolved(parameter.schema());
    if (schema.has("enum")) {
      return one(schema.path("enum").valueStream().toList()).asString();
    }
    return schema.path("type").asString().equals("integer")
        ? Integer.toString(1 + random.nextInt(20))
        : parameter.example().isEmpty() ? "a=b" : parameter.example();
  }

  /** What fits a parameter or a member of that name, or null: the document knows no objects. */
  private String named(String name) {
    return switch (name) {
      case "sb" -> chance(97) ? pools.sandbox() : pools.sandbox() + "-x";
      case "vm" -> pools.any("vm");
      case "efd" -> pools.any(chance(50) ? "efd" : "fd");
      case "eventfd", "resampleEventfd" -> pools.any("efd");
      case "fd", "resampleFd" -> pools.any("fd");
      case "irqfd" -> pools.any("irqfd");
      case "bp", "breakpoint" -> pools.any("bp");
      case "signal" -> pools.any("sig");
      case "pageToken" -> pools.any("token");
      case "gsi", "pin" -> Integer.toString(random.nextInt(26));
      case "n", "id" -> Integer.toString(random.nextInt(3));
      case "half" -> chance(50) ? "master" : "slave";
      case "point" -> one(points);
      case "timeout", "delay", "maxHold" -> one(LENGTHS);
      case "ttl" -> "PT2M";
      case "workers" -> Integer.toString(1 + random.nextInt(4));
      case "state" -> one(List.of("ACTIVE", "FREED", "GRACE"));
      default -> null;
    };
  }

  /** A value of a schema, as JSON text. */
  String json(String name, JsonNode reference, int depth) {
    JsonNode schema = document.resolved(reference);
    if (chance(hostility)) {
      return chance(50) ? one(NUMBERS) : one(WRONG);
    }
    if (schema.has("oneOf")) {
      return json(name, one(schema.path("oneOf").valueStream().toList()), depth);
    }
    if (schema.has("enum")) {
      return one(schema.path("enum").valueStream().toList()).toString();
    }
    return switch (schema.path("type").asString("")) {
      case "object" -> object(schema, depth);
      case "array" -> array(schema, depth);
      case "integer", "number" -> number(name, schema);
      case "boolean" -> Boolean.toString(chance(50));
      default -> string(name, schema);
    };
  }

  private String object(JsonNode schema, int depth) {
    List<String> members = new ArrayList<>();
    // Many members are right only without others.
    int optional = one(List.of(5, 20, 60));
    List<String> required = schema.path("required").valueStream().map(JsonNode::asString).toList();
    for (Map.Entry<String, JsonNode> one : schema.path("properties").properties()) {
      String name = one.getKey();
      // A wait without an end of its own would hold the fuzzer up.
      boolean always = required.contains(name) || name.equals("timeout") || name.equals("maxHold");
      if (chance(always ? 100 - hostility / 4 : optional) && depth < 5) {
        members.add("\"" + name + "\":" + json(name, one.getValue(), depth + 1));
      }
    }
    if (schema.path("additionalProperties").isObject()) {
      members.add("\"k" + random.nextInt(3) + "\":\"v\"");
    }
    if (chance(hostility)) {
      members.add(
          one(List.of("\"unknown\":1", "\"\\ud800\":1", "\"\":{}", "\"name\":\"\\u0007\"")));
    }
    if (chance(hostility) && !members.isEmpty()) {
      members.add(one(members));
    }
    return "{" + String.join(",", members) + "}";
  }

  private String array(JsonNode schema, int depth) {
    int size = chance(hostility) ? 100 : random.nextInt(4);
    List<String> items = new ArrayList<>();
    for (int i = 0; i < size && depth < 6; i++) {
      items.add(json("", schema.path("items"), depth + 1));
    }
    return "[" + String.join(",", items) + "]";
  }

  private String number(String name, JsonNode schema) {
    String named = named(name);
    if (named != null && named.chars().allMatch(Character::isDigit)) {
      return named;
    }
    if (chance(25)) {
      int turn = turns.merge(operation + " " + name, first, (before, _) -> before + 1);
      return NUMBERS.get(turn % NUMBERS.size());
    }
    if (schema.has("maximum") && chance(20)) {
      return schema.path("maximum").asString();
    }
    return Integer.toString(random.nextInt(chance(90) ? 32 : 1 << 20));
  }

  private String string(String name, JsonNode schema) {
    String named = named(name);
    if (named == null) {
      named =
          schema.has("pattern")
              ? Integer.toString(random.nextInt(100))
              : schema.path("format").asString("").equals("duration")
                  ? one(LENGTHS)
                  : "s".repeat(chance(95) ? 4 : 127 + random.nextInt(3));
    }
    return "\"" + named + "\"";
  }

  /** A few lines of a script, made of those that the document's examples have. */
  String script(List<String> examples) {
    List<String> lines = examples.stream().flatMap(String::lines).toList();
    StringBuilder script = new StringBuilder();
    for (int i = 1 + random.nextInt(12); i > 0 && !lines.isEmpty(); i--) {
      String line = one(lines);
      if (chance(hostility)) {
        line = line.replaceFirst(" .*", "") + " " + one(WRONG) + " " + one(NUMBERS);
      }
      script.append(line).append(chance(hostility / 2) ? "\r" : "\n");
    }
    return script.toString();
  }
}
