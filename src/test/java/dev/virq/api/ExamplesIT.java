package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.training.DocumentedCall;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.StringNode;

/**
 * What the document shows is what happens: on a fresh instance every operation is called by its own
 * examples, from the document's top to its end, as a person does in Swagger UI.
 */
@DirtiesContext(classMode = DirtiesContext.ClassMode.BEFORE_CLASS)
class ExamplesIT extends OverHttp {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private JsonNode document() {
    return JSON.readTree(madeDocument());
  }

  @Test
  void everyExampleRunsInTheDocumentsOrder() {
    List<String> failures = new ArrayList<>();
    ExampleFile examples = new ExampleFile();
    for (DocumentedCall call : DocumentedCall.all(document())) {
      // The answer is held against the document by the filter of every call.
      Response response = run(call, call());
      if (!call.successes().contains(response.statusCode())) {
        failures.add(call.id() + " " + call.url() + ": " + response.asString());
      } else {
        examples.meet(call.id(), response.statusCode(), body(response));
      }
    }
    again(examples);
    stillUnderWay(examples);

    assertThat(failures).isEmpty();
    assertThat(examples.faults()).isEmpty();
  }

  private static JsonNode body(Response response) {
    return response.contentType().startsWith("application/json")
        ? JSON.readTree(response.asString())
        : StringNode.valueOf(response.asString());
  }

  /** A sandbox that is there. */
  private void again(ExampleFile examples) {
    String body = "{\"ttl\":\"PT10M\"}";
    call(body).put("/v1/sandboxes/rig-1").then().statusCode(201);

    examples.meet("ensureSandbox", 200, body(call(body).put("/v1/sandboxes/rig-1")));

    call().delete("/v1/sandboxes/rig-1").then().statusCode(200);
  }

  /** Answers while a thread is held, each in a sandbox of its own. */
  private void stillUnderWay(ExampleFile examples) {
    Map<String, Supplier<Response>> calls = new LinkedHashMap<>();
    calls.put("closeVm", () -> call().delete(sandbox + "/vms/vm-1"));
    calls.put("closeEventfd", () -> call().delete(sandbox + "/eventfds/3"));
    calls.put("deleteIrqfd", () -> call().delete(sandbox + "/vms/vm-1/irqfds/irqfd-1"));
    calls.put(
        "deassignIrqfd",
        () -> call("{\"fd\":3,\"gsi\":5}").post(sandbox + "/vms/vm-1/irqfds/deassign"));
    calls.put("signalEventfd", () -> signalHeld("/eventfds/3/signal?wait=settled", "{}"));
    calls.put(
        "signalMany",
        () -> signalHeld("/signals", "{\"items\":[{\"eventfd\":\"efd-1\"}],\"wait\":\"settled\"}"));
    calls.forEach((operation, answer) -> {
      makeSandbox();
      held();
      Response response = answer.get();

      assertThat(response.statusCode()).as(response.asString()).isEqualTo(202);
      examples.meet(operation, 202, body(response));
      call().delete(sandbox).then().statusCode(200);
    });
  }

  /** Another breakpoint holds the injection of the signal that the call writes. */
  private Response signalHeld(String path, String body) {
    call().delete(sandbox + "/breakpoints/bp-1").then().statusCode(200);
    settled();
    call("{\"point\":\"inject.dereferenced\"}")
        .post(sandbox + "/breakpoints")
        .then()
        .statusCode(201);
    return call(body).post(sandbox + path);
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
            assertThat(call.successes()).as(response.asString()).contains(response.statusCode());
          });
    }
  }

  private String own(String url) {
    return url.replace("/v1/sandboxes/default", sandbox);
  }
}
