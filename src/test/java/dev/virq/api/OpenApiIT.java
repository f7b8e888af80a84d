package dev.virq.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.atlassian.oai.validator.model.Request.Method;
import com.atlassian.oai.validator.model.SimpleResponse;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The document is true: committed, in order, and its examples run on a fresh instance. */
@DirtiesContext(classMode = DirtiesContext.ClassMode.BEFORE_CLASS)
class OpenApiIT extends OverHttp {
  private static final Path COMMITTED = Path.of("src/docs/openapi.json");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** One operation with the call that its examples make. */
  private record Example(String method, String path, JsonNode operation, JsonNode document) {
    /** The number that its tag begins with. */
    int tag() {
      String tag = operation.path("tags").path(0).asString();
      return Integer.parseInt(tag.substring(0, tag.indexOf(' ')));
    }

    String id() {
      return operation.path("operationId").asString();
    }

    /** The media type's own example, its first named one, or that of its schema. */
    private JsonNode example(JsonNode media) {
      for (JsonNode named : media.path("examples")) {
        return named.path("value");
      }
      JsonNode own = media.path("example");
      String ref = media.path("schema").path("$ref").asString("#");
      return own.isMissingNode() ? document.at(ref.substring(1)).path("example") : own;
    }

    Response run(RequestSpecification call) {
      String url = path;
      for (JsonNode parameter : operation.path("parameters")) {
        if (parameter.path("in").asString().equals("path")) {
          url =
              url.replace(
                  "{" + parameter.path("name").asString() + "}",
                  parameter.path("example").asString());
        }
      }
      JsonNode content = operation.path("requestBody").path("content");
      if (!content.isMissingNode()) {
        String type = content.propertyNames().iterator().next();
        JsonNode media = content.path(type);
        JsonNode example = example(media);
        assertThat(example.isMissingNode()).as("%s has an example body", id()).isFalse();
        call =
            call.contentType(type)
                .body(example.isString() ? example.asString() : example.toString());
      }
      return call.request(method, url);
    }
  }

  private JsonNode document() {
    return JSON.readTree(RestAssured.given().port(port).get("/v3/api-docs").asString());
  }

  private static List<Example> operations(JsonNode document) {
    List<Example> all = new ArrayList<>();
    document
        .path("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(method ->
                    all.add(
                        new Example(
                            method.getKey().toUpperCase(Locale.ROOT),
                            path.getKey(),
                            method.getValue(),
                            document))));
    return all;
  }

  @Test
  void noDescriptionHasTheLinesOfTheCode() {
    assertThat(document().findValues("description"))
        .isNotEmpty()
        .noneMatch(description -> description.asString("").contains("\n"));
  }

  @Test
  void committedDocumentIsTheServedOne() throws IOException {
    String served = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(document()) + "\n";
    if (Boolean.getBoolean("virq.openapi.update")) {
      var _ = Files.writeString(COMMITTED, served, UTF_8);
    }

    if (!Files.readString(COMMITTED, UTF_8).equals(served)) {
      fail(
          COMMITTED
              + " is not what the code says; if that is meant, run"
              + " ./mvnw verify -Dit.test=OpenApiIT -Dvirq.openapi.update=true and commit it");
    }
  }

  @Test
  void examplesRunInTagOrderOnAFreshInstance() {
    List<Example> order = new ArrayList<>();
    List<Example> closes = new ArrayList<>();
    for (Example example : operations(document())) {
      (example.method().equals("DELETE") ? closes : order).add(example);
    }
    // Operations of one path may stand in two tags; as Swagger UI shows them, they do not.
    order.sort(Comparator.comparingInt(Example::tag));
    // What is opened first is closed last.
    Collections.reverse(closes);
    order.addAll(closes);

    for (Example example : order) {
      Response response = example.run(call());

      assertThat(response.statusCode())
          .as("%s %s: %s", example.method(), example.path(), response.asString())
          .isBetween(200, 299);
    }
  }

  @Test
  void everyMemberSaysWhatItIs() {
    List<String> silent = new ArrayList<>();
    document()
        .at("/components/schemas")
        .properties()
        .forEach(schema ->
            schema
                .getValue()
                .path("properties")
                .properties()
                .forEach(member -> {
                  // What refers to another schema is described there.
                  if (!member.getValue().has("$ref") && !member.getValue().has("description")) {
                    silent.add(schema.getKey() + "." + member.getKey());
                  }
                }));

    assertThat(silent).isEmpty();
  }

  @Test
  void everyOperationIsDescribedWhole() {
    Map<String, Integer> tags = new LinkedHashMap<>();
    for (Example example : operations(document())) {
      tags.merge(example.path(), example.tag(), Math::min);
      assertThat(example.operation().path("summary").asString()).as(example.id()).isNotBlank();
      assertThat(example.operation().toString()).as(example.id()).doesNotContain("*/*");
      example
          .operation()
          .path("responses")
          .properties()
          .forEach(response -> {
            boolean error = response.getKey().charAt(0) >= '4';
            assertThat(response.getValue().path("content").propertyNames())
                .as("%s %s", example.id(), response.getKey())
                .isNotEmpty()
                .allMatch(type -> type.equals("application/problem+json") == error);
          });
    }

    assertThat(new ArrayList<>(tags.values())).isSorted();
  }

  @Test
  void validatorCatchesAPlantedViolation() {
    String path = sandbox + "/vms/vm-1";
    String right =
        "{\"id\":\"vm-1\",\"irqchip\":\"NONE\",\"state\":\"OPEN\",\"refs\":1,\"irqfds\":0,\"seq\":1}";

    assertThat(check(path, 200, "application/json", right)).isFalse();
    assertThat(check(path, 200, "application/json", right.replace("\"refs\":1", "\"refs\":\"1\"")))
        .isTrue();
    assertThat(check(path, 200, "application/json", right.replace("\"refs\":1,", ""))).isTrue();
    assertThat(check(path, 200, "application/json", right.replace("OPEN", "AJAR"))).isTrue();
    assertThat(check(path, 200, "text/html", right)).isTrue();
    assertThat(check(path, 404, "application/problem+json", "{\"status\":404}")).isTrue();
    assertThat(check(path, 418, "application/json", right)).isTrue();
  }

  private boolean check(String path, int status, String type, String body) {
    return validator()
        .validateResponse(
            path,
            Method.GET,
            SimpleResponse.Builder.status(status).withContentType(type).withBody(body).build())
        .hasErrors();
  }
}
