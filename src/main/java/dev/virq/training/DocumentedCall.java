package dev.virq.training;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * One operation of the OpenAPI document, with the call that its examples make.
 *
 * @param method of HTTP
 * @param path with the names of its parameters
 * @param operation what the document says of it
 * @param document all of it
 */
public record DocumentedCall(String method, String path, JsonNode operation, JsonNode document) {
  private static final int LEAST_ERROR = 400;

  /** All of them, in the document's order. */
  public static List<DocumentedCall> all(JsonNode document) {
    List<DocumentedCall> all = new ArrayList<>();
    document
        .path("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(method ->
                    all.add(
                        new DocumentedCall(
                            method.getKey().toUpperCase(Locale.ROOT),
                            path.getKey(),
                            method.getValue(),
                            document))));
    all.sort(Comparator.comparingInt(DocumentedCall::place));
    return all;
  }

  /** What the document calls it. */
  public String id() {
    return operation.path("operationId").asString();
  }

  /** Where it stands in the document. */
  public int place() {
    return operation.path("x-order").asInt();
  }

  /** What it is listed under. */
  public String tag() {
    return operation.path("tags").path(0).asString();
  }

  /** The first media type that it takes, or the empty string. */
  public String mediaType() {
    JsonNode content = operation.at("/requestBody/content");
    return content.isEmpty() ? "" : content.propertyNames().iterator().next();
  }

  /**
   * The examples of its body, by name; one without a name is called by the operation's id. None
   * when it takes no body.
   *
   * @throws IllegalStateException it takes a body, and no example shows one
   */
  public Map<String, String> bodies() {
    JsonNode media = operation.at("/requestBody/content").path(mediaType());
    Map<String, String> bodies = new LinkedHashMap<>();
    media
        .path("examples")
        .properties()
        .forEach(named -> bodies.put(named.getKey(), text(named.getValue().path("value"))));
    if (bodies.isEmpty() && !media.isMissingNode()) {
      String ref = media.path("schema").path("$ref").asString("#");
      JsonNode example =
          media.has("example")
              ? media.path("example")
              : document.at(ref.substring(1)).path("example");
      if (example.isMissingNode()) {
        throw new IllegalStateException(id() + " has no example body");
      }
      bodies.put(id(), text(example));
    }
    return bodies;
  }

  private static String text(JsonNode example) {
    return example.isString() ? example.asString() : example.toString();
  }

  /**
   * The path with the examples of its parameters. In the query stand those that have an example, or
   * else a default: Swagger UI sends both.
   */
  public String url() {
    String url = path;
    List<String> query = new ArrayList<>();
    for (JsonNode parameter : operation.path("parameters")) {
      String name = parameter.path("name").asString();
      String example = parameter.path("example").asString("");
      switch (parameter.path("in").asString()) {
        case "path" -> url = url.replace("{" + name + "}", example);
        case "query" -> {
          String sent = example.isEmpty() ? parameter.at("/schema/default").asString("") : example;
          if (!sent.isEmpty()) {
            query.add(name + "=" + sent);
          }
        }
        default -> {}
      }
    }
    return query.isEmpty() ? url : url + "?" + String.join("&", query);
  }

  /** Statuses that are documented and no errors. */
  public List<Integer> successes() {
    return operation.path("responses").propertyNames().stream()
        .map(Integer::valueOf)
        .filter(status -> status < LEAST_ERROR)
        .toList();
  }

  /** In a few words: a test that fails names many of them, and each has the whole document. */
  @Override
  public String toString() {
    return method + " " + path;
  }
}
