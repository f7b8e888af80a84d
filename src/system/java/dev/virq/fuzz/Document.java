package dev.virq.fuzz;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an OpenAPI document says of each operation, as far as a fuzzer needs it. */
final class Document {
  private static final Pattern ERRNO = Pattern.compile("E[A-Z0-9]+");

  /**
   * A parameter of the path or the query.
   *
   * @param name as in the document
   * @param inPath whether it stands in the path
   * @param schema of its value
   * @param example the document's own, or the empty string
   */
  record Parameter(String name, boolean inPath, JsonNode schema, String example) {}

  /**
   * An answer that is documented.
   *
   * @param errnos the errors that it may carry; empty unless it is one
   * @param schemas of its body, by media type
   */
  record Response(Set<String> errnos, Map<String, JsonNode> schemas) {}

  /**
   * An operation.
   *
   * @param id its operationId
   * @param method in capitals
   * @param path with variables in braces
   * @param parameters of path and query
   * @param mediaType of its body, or the empty string when it takes none
   * @param body the body's schema
   * @param examples of its body
   * @param responses by status
   */
  record Operation(
      String id,
      String method,
      String path,
      List<Parameter> parameters,
      String mediaType,
      JsonNode body,
      List<String> examples,
      Map<Integer, Response> responses) {
    boolean takesBody() {
      return !mediaType.isEmpty();
    }
  }

  private final JsonNode root;
  private final List<Operation> operations = new ArrayList<>();

  Document(String json) {
    root = JsonMapper.shared().readTree(json);
    root.path("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(
                    one -> operations.add(operation(path.getKey(), one.getKey(), one.getValue()))));
  }

  List<Operation> operations() {
    return operations;
  }

  /** The schema itself, when this one only refers to it. */
  JsonNode resolved(JsonNode schema) {
    JsonNode found = schema;
    while (found.has("$ref")) {
      found = root.at(found.path("$ref").asString().substring(1));
    }
    return found;
  }

  /** The schema of every error. */
  JsonNode problem() {
    return root.at("/components/schemas/ErrnoProblem");
  }

  private Operation operation(String path, String method, JsonNode node) {
    List<Parameter> parameters = new ArrayList<>();
    for (JsonNode one : node.path("parameters")) {
      String in = one.path("in").asString();
      if (in.equals("path") || in.equals("query")) {
        parameters.add(
            new Parameter(
                one.path("name").asString(),
                in.equals("path"),
                one.path("schema"),
                one.path("example").asString("")));
      }
    }
    String type = "";
    JsonNode body = null;
    List<String> examples = new ArrayList<>();
    for (Map.Entry<String, JsonNode> one : node.at("/requestBody/content").properties()) {
      type = one.getKey();
      body = one.getValue().path("schema");
      one.getValue()
          .path("examples")
          .forEach(example -> examples.add(example.path("value").asString("")));
    }
    Map<Integer, Response> responses = new LinkedHashMap<>();
    node.path("responses")
        .properties()
        .forEach(one -> responses.put(Integer.valueOf(one.getKey()), response(one.getValue())));
    return new Operation(
        node.path("operationId").asString(),
        method.toUpperCase(Locale.ROOT),
        path,
        parameters,
        type,
        body,
        examples,
        responses);
  }

  private static Response response(JsonNode node) {
    Map<String, JsonNode> schemas = new LinkedHashMap<>();
    node.path("content")
        .properties()
        .forEach(one -> schemas.put(one.getKey(), one.getValue().path("schema")));
    Set<String> errnos = new TreeSet<>();
    if (schemas.containsKey("application/problem+json")) {
      Matcher names = ERRNO.matcher(node.path("description").asString());
      while (names.find()) {
        errnos.add(names.group());
      }
    }
    return new Response(errnos, schemas);
  }
}
