package dev.virq.snapshot;

import java.io.IOException;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.RecordComponent;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The JSON schema (draft 4) of a record, as {@link SnapshotJson} writes and reads it. */
final class JsonSchema {
  private static final BigInteger MOST = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
  private static final Pattern PARAMETER =
      Pattern.compile("@param (\\w+) (.*?)(?=\\s*@|\\s*\\*/)", Pattern.DOTALL);

  private final Map<String, Object> definitions = new TreeMap<>();

  private JsonSchema() {}

  static Map<String, Object> of(Class<?> type) throws IOException {
    JsonSchema schemas = new JsonSchema();
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("$schema", "http://json-schema.org/draft-04/schema#");
    schema.put("title", "A snapshot of virq, form " + form());
    schema.putAll(schemas.object(type));
    schema.put("definitions", schemas.definitions);
    return schema;
  }

  private static String form() {
    return Schema.CURRENT.major() + "." + Schema.CURRENT.minor();
  }

  private Map<String, Object> object(Class<?> type) throws IOException {
    Map<String, String> descriptions = descriptions(type);
    Map<String, Object> properties = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      properties.put(
          component.getName(),
          described(value(component.getAnnotatedType()), descriptions.get(component.getName())));
      if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
        required.add(component.getName());
      }
    }
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("type", "object");
    object.put("properties", properties);
    if (!required.isEmpty()) {
      object.put("required", required);
    }
    object.put("additionalProperties", false);
    return object;
  }

  private static Map<String, Object> described(
      Map<String, Object> schema, @Nullable String description) {
    if (description == null) {
      return schema;
    }
    Map<String, Object> all = new LinkedHashMap<>();
    // Beside a reference nothing else counts.
    if (schema.containsKey("$ref")) {
      all.put("allOf", List.of(schema));
    } else {
      all.putAll(schema);
    }
    all.put("description", description);
    return all;
  }

  private Map<String, Object> value(AnnotatedType annotated) throws IOException {
    if (annotated instanceof AnnotatedParameterizedType list) {
      return ordered("type", "array", "items", value(list.getAnnotatedActualTypeArguments()[0]));
    }
    Class<?> type = (Class<?>) annotated.getType();
    if (type.isRecord()) {
      String name = name(type);
      if (!definitions.containsKey(name)) {
        // Before it is known: a record may have itself in it.
        definitions.put(name, Map.of());
        definitions.put(name, object(type));
      }
      return Map.of("$ref", "#/definitions/" + name);
    }
    if (type.isEnum()) {
      return Map.of("enum", Arrays.stream(type.getEnumConstants()).map(Object::toString).toList());
    }
    if (type == BigInteger.class) {
      return Map.of(
          "anyOf",
          List.of(
              ordered("type", "string", "pattern", "^[0-9]{1,20}$"),
              ordered("type", "integer", "minimum", 0, "maximum", MOST)));
    }
    if (type == boolean.class) {
      return Map.of("type", "boolean");
    }
    if (type == String.class) {
      return Map.of("type", "string");
    }
    return type == int.class || type == Integer.class
        ? ordered("type", "integer", "minimum", Integer.MIN_VALUE, "maximum", Integer.MAX_VALUE)
        : ordered("type", "integer", "minimum", Long.MIN_VALUE, "maximum", Long.MAX_VALUE);
  }

  private static Map<String, Object> ordered(Object... members) {
    Map<String, Object> all = new LinkedHashMap<>();
    for (int i = 0; i < members.length; i += 2) {
      all.put((String) members[i], members[i + 1]);
    }
    return all;
  }

  /** Of a record within a class, both names. */
  private static String name(Class<?> type) {
    Class<?> around = type.getEnclosingClass();
    return around == null ? type.getSimpleName() : around.getSimpleName() + type.getSimpleName();
  }

  /** What the record's comment says of its components. */
  private static Map<String, String> descriptions(Class<?> type) throws IOException {
    String source =
        Files.readString(
            Path.of(
                "src/main/java",
                type.getName().replaceFirst("\\$.*", "").replace('.', '/') + ".java"));
    int record = source.indexOf("record " + type.getSimpleName() + "(");
    int comment = source.lastIndexOf("/**", record);
    Map<String, String> all = new LinkedHashMap<>();
    Matcher matcher = PARAMETER.matcher(source.substring(comment, record));
    while (matcher.find()) {
      all.put(matcher.group(1), matcher.group(2).replaceAll("\\s*\\n\\s*\\* *", " ").strip());
    }
    return all;
  }
}
