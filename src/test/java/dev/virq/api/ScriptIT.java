package dev.virq.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.virq.conformance.Recording;
import dev.virq.conformance.Recordings;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Scripts over HTTP, the kernel's recorded answers among them. */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class ScriptIT {
  private static final String NDJSON = "application/x-ndjson";

  @LocalServerPort private int port;

  private RequestSpecification service() {
    return given().port(port);
  }

  @AfterEach
  void nothingIsLeftInTheDefaultSandbox() {
    service()
        .contentType(ContentType.JSON)
        .body("{}")
        .post("/v1/sandboxes/default/reset")
        .then()
        .statusCode(200)
        .body("leaked.vms", hasSize(0))
        .body("leaked.eventfds", hasSize(0))
        .body("leaked.irqfds", hasSize(0));
  }

  @TestFactory
  Stream<DynamicTest> answersAreThoseOfTheKernelInASandboxEach() {
    return Recordings.all().stream()
        .map(recording -> dynamicTest(recording.name(), () -> replayAlone(recording)));
  }

  private void replayAlone(Recording recording) {
    service()
        .contentType(ContentType.JSON)
        .body("{}")
        .put("/v1/sandboxes/replay")
        .then()
        .statusCode(201);
    try {
      replay("replay", recording);
    } finally {
      service()
          .delete("/v1/sandboxes/replay")
          .then()
          .statusCode(200)
          .body("leaked.vms", hasSize(0))
          .body("leaked.eventfds", hasSize(0))
          .body("leaked.irqfds", hasSize(0));
    }
  }

  @TestFactory
  Stream<DynamicTest> answersAreThoseOfTheKernelInOneSandbox() {
    return Recordings.all().stream()
        .map(recording -> dynamicTest(recording.name(), () -> replay("default", recording)));
  }

  @Test
  void everyLineAnswersInOrder() {
    String answer =
        run("default", "# two\n\neventfd_create e0 4294967295\neventfd_read e0\n")
            .then()
            .statusCode(200)
            .contentType(equalTo(NDJSON))
            .extract()
            .asString();

    assertThat(answer)
        .isEqualTo(
            """
            {"op":"eventfd_create e0 4294967295","ok":true}
            {"op":"eventfd_read e0","ok":true,"value":4294967295}
            """);
  }

  @Test
  void whoAsksForTextIsAnsweredTheSameAsText() {
    String answer =
        service()
            .contentType("text/plain")
            .accept("text/plain")
            .body("eventfd_create e0 7\neventfd_read e0\n")
            .post("/v1/sandboxes/default/scripts")
            .then()
            .statusCode(200)
            .contentType(equalTo("text/plain;charset=UTF-8"))
            .extract()
            .asString();

    assertThat(answer)
        .isEqualTo(
            """
            {"op":"eventfd_create e0 7","ok":true}
            {"op":"eventfd_read e0","ok":true,"value":7}
            """);
  }

  @Test
  void aLineThatIsNoOperationIsRefusedBeforeAnythingRuns() {
    run("default", "vm_create v0\nvm_destroy v0\n")
        .then()
        .statusCode(400)
        .contentType("application/problem+json")
        .body("errno", equalTo("EINVAL"))
        .body("line", equalTo(2))
        .body("detail", equalTo("line 2: \"vm_destroy\" is not an operation"));

    service().get("/v1/sandboxes/default/vms").then().body("items", hasSize(0));
  }

  @Test
  void tooManyLinesAreRefused() {
    run("default", "#\n".repeat(10_001))
        .then()
        .statusCode(413)
        .body("errno", equalTo("E2BIG"))
        .body("detail", containsString("10000"));
    run("default", "#\n".repeat(10_000)).then().statusCode(200);
  }

  @Test
  void anotherMediaTypeIsRefused() {
    service()
        .contentType(ContentType.JSON)
        .body("{}")
        .post("/v1/sandboxes/default/scripts")
        .then()
        .statusCode(415)
        .body("errno", equalTo("EOPNOTSUPP"));
    service()
        .contentType("text/plain")
        .accept("application/json")
        .body("vm_create v0")
        .post("/v1/sandboxes/default/scripts")
        .then()
        .statusCode(406)
        .body("errno", equalTo("EOPNOTSUPP"));
  }

  @Test
  void aScriptThatIsMissingOrInAnUnknownSandboxIsRefused() {
    service()
        .contentType("text/plain")
        .post("/v1/sandboxes/default/scripts")
        .then()
        .statusCode(400)
        .body("errno", equalTo("EINVAL"));
    run("nowhere", "vm_create v0").then().statusCode(404).body("errno", equalTo("ENOENT"));
  }

  @Test
  void aHeldStepEndsTheRunNamingLineAndHolder() {
    service()
        .contentType(ContentType.JSON)
        .body("{\"point\":\"inject.dereferenced\"}")
        .post("/v1/sandboxes/default/breakpoints")
        .then()
        .statusCode(201)
        .body("id", equalTo("bp-1"));

    run(
            "default",
            """
            vm_create v0
            irqchip_create v0
            eventfd_create e0 0
            irqfd_assign v0 e0 5
            eventfd_write e0 1
            eventfd_read e0
            """)
        .then()
        .statusCode(409)
        .body("errno", equalTo("EDEADLK"))
        .body("line", equalTo(5))
        .body("heldBy[0].breakpoint", equalTo("bp-1"));

    service().delete("/v1/sandboxes/default/breakpoints/bp-1").then().statusCode(200);
    service()
        .contentType(ContentType.JSON)
        .body("{\"for\":\"settled\"}")
        .post("/v1/sandboxes/default/wait")
        .then()
        .statusCode(200);
  }

  private void replay(String sandbox, Recording recording) {
    String answer =
        run(sandbox, recording.text())
            .then()
            .statusCode(200)
            .contentType(equalTo(NDJSON))
            .extract()
            .asString();
    List<Recording.Step> got =
        answer.lines().map(line -> Recording.Step.of(Recordings.object(line))).toList();
    recording.require(got);
  }

  private Response run(String sandbox, String script) {
    return service()
        .contentType("text/plain")
        .body(script)
        .post("/v1/sandboxes/" + sandbox + "/scripts");
  }
}
