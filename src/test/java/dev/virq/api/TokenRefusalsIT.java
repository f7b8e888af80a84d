package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.VirqApplication;
import dev.virq.training.DocumentedCall;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import org.junit.jupiter.api.Test;
import org.springdoc.webmvc.api.OpenApiWebMvcResource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an instance with tokens answers to a call without one, as the document shows it. */
@SpringBootTest(
    classes = VirqApplication.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = "virq.access.token=everything-0123456789abcdef")
class TokenRefusalsIT {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @LocalServerPort private int port;

  @Autowired private OpenApiWebMvcResource springdoc;

  private RequestSpecification call() {
    return RestAssured.given().port(port);
  }

  @Test
  void everyOperationButTheTextOfAnErrorAsksForAToken() {
    ExampleFile examples = new ExampleFile();
    JsonNode document = JSON.readTree(MadeDocument.by(springdoc));
    for (DocumentedCall call : DocumentedCall.all(document)) {
      Response response = OverHttp.run(call, call());
      if (call.operation().path("responses").has("401")) {
        assertThat(response.statusCode()).as(call.id()).isEqualTo(401);
        examples.meetRefusal(call.id(), JSON.readTree(response.asString()));
      } else {
        assertThat(call.id()).isEqualTo("getProblem");
        assertThat(response.statusCode()).isEqualTo(200);
      }
    }

    assertThat(examples.faults()).isEmpty();
  }
}
