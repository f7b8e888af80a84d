package dev.virq.api.scenarios;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a scenario has kept of its answers, and what it makes of them: calls without braces, and the
 * first thing that is not as it was expected. One thread at a time keeps, any thread fills.
 */
final class Expectations {
  private static final Pattern NAME = Pattern.compile("\\{([A-Za-z][A-Za-z0-9]*)}");
  private static final String STATUS = "status";
  private static final String ABOVE = "above";
  private static final String AT_LEAST = "atLeast";
  private static final String ONE_OF = "oneOf";

  private final JsonMapper json;
  private final Map<String, JsonNode> kept = new ConcurrentHashMap<>();

  Expectations(JsonMapper json, String sandbox, String other) {
    this.json = json;
    kept.put("S", json.valueToTree(sandbox));
    kept.put("T", json.valueToTree(other));
  }

  /** A text with what was kept in the place of what stands in braces. */
  String filled(String text) {
    Matcher names = NAME.matcher(text);
    return names.replaceAll(name -> Matcher.quoteReplacement(find(name.group(1)).asString()));
  }

  /** The same as far as it has been kept; the rest stays in its braces. */
  String filledSoFar(String text) {
    return NAME.matcher(text)
        .replaceAll(name -> {
          JsonNode value = kept.get(name.group(1));
          return Matcher.quoteReplacement(value == null ? name.group() : value.asString());
        });
  }

  /** For a call that is made several times: which of them comes now, from 1. */
  void count(int i) {
    kept.put("i", json.valueToTree(i));
  }

  /** What an answer is to have, with what was kept. */
  Map<String, Object> filledValues(Map<String, Object> expected) {
    Map<String, Object> filled = new LinkedHashMap<>();
    expected.forEach((at, value) -> filled.put(at, filledBody(value)));
    return filled;
  }

  /** A body with what was kept. */
  JsonNode filledBody(Object body) {
    return filled(json.valueToTree(body));
  }

  private JsonNode filled(JsonNode node) {
    if (node.isString()) {
      String text = node.asString();
      Matcher whole = NAME.matcher(text);
      // By itself it keeps its type: a descriptor is a number.
      return whole.matches() ? find(whole.group(1)) : json.valueToTree(filled(text));
    }
    if (node.isObject()) {
      ObjectNode filled = json.createObjectNode();
      node.properties().forEach(one -> filled.set(one.getKey(), filled(one.getValue())));
      return filled;
    }
    if (node.isArray()) {
      ArrayNode filled = json.createArrayNode();
      node.forEach(one -> filled.add(filled(one)));
      return filled;
    }
    return node;
  }

  private JsonNode find(String name) {
    JsonNode value = kept.get(name);
    if (value == null) {
      throw new IllegalStateException("nothing was kept as {" + name + "}");
    }
    return value;
  }

  /** What is not as expected, as a sentence; null when all is. Then keeps what is to be kept. */
  @Nullable String fault(Scenario.Step step, InnerCalls.Answer answer) {
    JsonNode body = parsed(answer.body());
    for (Map.Entry<String, Object> one : step.expected().entrySet()) {
      String fault = fault(one.getKey(), json.valueToTree(one.getValue()), answer.status(), body);
      if (fault != null) {
        return fault;
      }
    }
    if (step.keep() != null) {
      for (Map.Entry<String, String> one : step.keep().entrySet()) {
        JsonNode value = body.at(one.getValue());
        if (value.isMissingNode()) {
          return one.getValue() + " is missing";
        }
        kept.put(one.getKey(), value);
      }
    }
    return null;
  }

  private @Nullable String fault(String at, JsonNode expected, int status, JsonNode body) {
    JsonNode observed = at.equals(STATUS) ? json.valueToTree(status) : body.at(at);
    if (expected.isObject() && expected.has(ABOVE)) {
      long least = filled(expected.get(ABOVE)).asLong();
      return observed.isNumber() && observed.asLong() > least
          ? null
          : "%s is %s, not above %d".formatted(at, shown(observed), least);
    }
    if (expected.isObject() && expected.has(AT_LEAST)) {
      long least = filled(expected.get(AT_LEAST)).asLong();
      return observed.isNumber() && observed.asLong() >= least
          ? null
          : "%s is %s, not at least %d".formatted(at, shown(observed), least);
    }
    JsonNode value = filled(expected);
    if (value.isObject() && value.has(ONE_OF)) {
      JsonNode allowed = value.get(ONE_OF);
      return allowed.valueStream().anyMatch(one -> isSame(one, observed))
          ? null
          : "%s is %s, none of %s".formatted(at, shown(observed), allowed);
    }
    return isSame(value, observed)
        ? null
        : "%s is %s, not %s".formatted(at, shown(observed), value);
  }

  private static boolean isSame(JsonNode value, JsonNode observed) {
    boolean numbers = value.isNumber() && observed.isNumber();
    return numbers ? value.asLong() == observed.asLong() : value.equals(observed);
  }

  private static String shown(JsonNode node) {
    return node.isMissingNode() ? "missing" : node.toString();
  }

  private JsonNode parsed(String body) {
    try {
      return body.isEmpty() ? json.createObjectNode() : json.readTree(body);
    } catch (JacksonException e) {
      return json.valueToTree(body);
    }
  }
}
