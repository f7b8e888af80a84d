package dev.virq.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Holds a body to its schema: types, required members, enumerations and bounds. Members that the
 * schema does not name are faults unless it allows them, so that nothing is answered that the
 * document is silent about.
 */
final class Schemas {
  private final Document document;

  Schemas(Document document) {
    this.document = document;
  }

  /** What is wrong with the value, each with a pointer; empty when it is right. */
  List<String> faults(JsonNode schema, JsonNode value) {
    List<String> faults = new ArrayList<>();
    check(schema, value, "", faults);
    return faults;
  }

  private void check(JsonNode reference, JsonNode value, String at, List<String> faults) {
    JsonNode schema = document.resolved(reference);
    if (schema.has("oneOf")) {
      boolean any =
          schema.path("oneOf").valueStream().anyMatch(one -> faults(one, value).isEmpty());
      if (!any) {
        faults.add(at + ": " + value + " is none of its alternatives");
      }
      return;
    }
    String type = schema.path("type").asString("");
    boolean right =
        switch (type) {
          case "object" -> value.isObject();
          case "array" -> value.isArray();
          case "string" -> value.isString();
          case "integer" -> value.isIntegralNumber();
          case "number" -> value.isNumber();
          case "boolean" -> value.isBoolean();
          default -> true;
        };
    if (!right) {
      faults.add(at + ": is not of type " + type);
      return;
    }
    JsonNode values = schema.path("enum");
    if (!values.isMissingNode() && values.valueStream().noneMatch(value::equals)) {
      faults.add(at + ": " + value + " is none of " + values);
    }
    if (value.isNumber()
        && ((schema.has("minimum") && value.asDouble() < schema.path("minimum").asDouble())
            || (schema.has("maximum") && value.asDouble() > schema.path("maximum").asDouble()))) {
      faults.add(at + ": " + value + " is out of bounds");
    }
    for (JsonNode item : value.isArray() ? value : List.<JsonNode>of()) {
      check(schema.path("items"), item, at + "/0", faults);
    }
    if (value.isObject()) {
      members(schema, value, at, faults);
    }
  }

  private void members(JsonNode schema, JsonNode value, String at, List<String> faults) {
    for (JsonNode required : schema.path("required")) {
      if (!value.has(required.asString())) {
        faults.add(at + ": lacks " + required.asString());
      }
    }
    JsonNode others = schema.path("additionalProperties");
    for (Map.Entry<String, JsonNode> member : value.properties()) {
      JsonNode known = schema.path("properties").path(member.getKey());
      if (!known.isMissingNode()) {
        check(known, member.getValue(), at + "/" + member.getKey(), faults);
      } else if (others.isObject()) {
        check(others, member.getValue(), at + "/" + member.getKey(), faults);
      } else if (schema.has("properties") && !others.asBoolean(false)) {
        faults.add(at + ": has " + member.getKey() + ", which is not documented");
      }
    }
  }
}
