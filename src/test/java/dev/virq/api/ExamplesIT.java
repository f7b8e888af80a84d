package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.RestAssured;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the document shows is what happens: on a fresh instance every operation is called by its own
 * examples, from the document's top to its end, as a person does in Swagger UI.
 */
@DirtiesContext(classMode = DirtiesContext.ClassMode.BEFORE_CLASS)
class ExamplesIT extends OverHttp {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private JsonNode document() {
    return JSON.readTree(RestAssured.given().port(port).get("/v3/api-docs").asString());
  }

  @Test
  void everyExampleRunsInTheDocumentsOrder() {
    List<String> failures = new ArrayList<>();
    for (DocumentedCall call : DocumentedCall.all(document())) {
      // The answer is held against the document by the filter of every call.
      Response response = call.run(call());
      if (!call.successes().contains(response.statusCode())) {
        failures.add(call.id() + " " + call.url() + ": " + response.asString());
      }
    }

    assertThat(failures).isEmpty();
  }

  @Test
  void otherExamplesRunInASandboxOfTheirOwn() {
    for (DocumentedCall call : DocumentedCall.all(document())) {
      Map<String, String> bodies = call.bodies();
      bodies.values().stream()
          .skip(1)
          .forEach(body -> {
            Response response =
                call().contentType(call.mediaType()).body(body).post(own(call.url()));
            assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
          });
    }
  }

  private String own(String url) {
    return url.replace("/v1/sandboxes/default", sandbox);
  }
}
