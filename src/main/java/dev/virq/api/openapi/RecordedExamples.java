package dev.virq.api.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.virq.api.http.SandboxArgument;
import io.swagger.v3.core.util.Json;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.Paths;
import io.swagger.v3.oas.models.examples.Example;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.responses.ApiResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers as the server has given them, recorded by the tests that compare them with what it gives
 * now. By operation, and then by status, and errno if it is an error.
 *
 * <p>What is answered alike everywhere, and cannot be provoked at will for each operation, stands
 * once, under {@value #ANY}, and gets the path of the operation.
 */
final class RecordedExamples {
  private static final String FILE = "examples.json";
  private static final String ANY = "*";

  private final JsonNode recorded;

  private RecordedExamples(JsonNode recorded) {
    this.recorded = recorded;
  }

  static RecordedExamples load() {
    try (InputStream file = RecordedExamples.class.getResourceAsStream(FILE)) {
      if (file == null) {
        throw new IllegalStateException("no " + FILE);
      }
      return new RecordedExamples(Json.mapper().readTree(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gives each documented answer its example. */
  void addTo(Paths paths) {
    paths.forEach((path, item) ->
        item.readOperations()
            .forEach(operation ->
                operation
                    .getResponses()
                    .forEach((status, response) -> add(path, operation, status, response))));
  }

  private void add(String path, Operation operation, String status, ApiResponse response) {
    for (MediaType media : response.getContent().values()) {
      if (Integer.parseInt(status) < 400) {
        JsonNode example = recorded.path(operation.getOperationId()).get(status);
        boolean textual = "string".equals(media.getSchema().getType());
        if (example != null && textual == example.isTextual()) {
          // Lines are text.
          media.setExample(example.isTextual() ? example.asText() : example);
        }
        continue;
      }
      for (String errno : response.getDescription().split(", ", -1)) {
        JsonNode example = refusal(path, operation, status + " " + errno);
        if (example != null) {
          media.addExamples(errno, new Example().value(example));
        }
      }
    }
  }

  private @Nullable JsonNode refusal(String path, Operation operation, String key) {
    JsonNode own = recorded.path(operation.getOperationId()).get(key);
    if (own != null) {
      return own;
    }
    JsonNode any = recorded.path(ANY).get(key);
    if (any == null) {
      return null;
    }
    ObjectNode example = any.deepCopy();
    List<Parameter> parameters =
        operation.getParameters() == null ? List.of() : operation.getParameters();
    String instance = path;
    for (Parameter parameter : parameters) {
      if ("path".equals(parameter.getIn())) {
        String value = String.valueOf(parameter.getExample());
        instance = instance.replace("{" + parameter.getName() + "}", value);
        if (parameter.getName().equals(SandboxArgument.VARIABLE)) {
          example.put("sandbox", value);
        }
      }
    }
    return example.put("instance", instance);
  }
}
