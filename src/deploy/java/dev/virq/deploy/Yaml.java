package dev.virq.deploy;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** YAML as trees. A member that is there twice is an error. */
final class Yaml {
  /** Reads YAML. */
  static final ObjectMapper MAPPER =
      new ObjectMapper(
          YAMLFactory.builder()
              .configure(StreamReadFeature.STRICT_DUPLICATE_DETECTION, true)
              .build());

  private Yaml() {}

  /** The one document of the text. */
  static JsonNode one(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every document of the text that is not empty. */
  static List<JsonNode> all(String text) {
    try (MappingIterator<JsonNode> documents = MAPPER.readerFor(JsonNode.class).readValues(text)) {
      return documents.readAll().stream().filter(JsonNode::isObject).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lays values over others as Helm does: objects are merged, everything else is replaced. */
  static void lay(ObjectNode upper, ObjectNode lower) {
    upper
        .properties()
        .forEach(entry -> {
          if (entry.getValue() instanceof ObjectNode above
              && lower.get(entry.getKey()) instanceof ObjectNode below) {
            lay(above, below);
          } else {
            lower.set(entry.getKey(), entry.getValue());
          }
        });
  }
}
