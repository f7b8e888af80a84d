package dev.virq.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.sandbox.Sandboxes;
import dev.virq.testing.Await;
import dev.virq.testing.Call;
import dev.virq.training.DocumentedCall;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The errors that the document shows are those that its operations answer: each operation is called
 * in every way that is refused, and what it says is what its example says.
 */
@TestPropertySource(
    properties = {
      "virq.requests.deadline=PT1S",
      "virq.limits.sandboxes=60",
      "virq.limits.vms=3",
      "virq.limits.eventfds=3",
      "virq.limits.descriptors=5",
      "virq.limits.irqfds=2",
      "virq.limits.breakpoints=2",
    })
class RefusalsIT extends OverHttp {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What they forbid by themselves is their example. */
  private static final Set<String> FORBIDDEN = Set.of("advanceClock", "deleteSandbox", "signalMsi");

  private static final String KEY = "Idempotency-Key";
  private static final String SB = "/v1/sandboxes/default";

  @Autowired private Sandboxes sandboxes;

  private final ExampleFile examples = new ExampleFile();

  /** Answers with another status than was expected. */
  private final List<String> strays = new ArrayList<>();

  private List<DocumentedCall> calls() {
    return DocumentedCall.all(JSON.readTree(madeDocument()));
  }

  /** Holds a refusal to the operation's example, which names the sandbox default. */
  private void refused(String operation, Response response) {
    JsonNode problem = JSON.readTree(response.asString().replaceAll("test-[0-9]+", "default"));
    assertThat(problem.has("errno")).as("%s: %s", operation, problem).isTrue();
    examples.meetRefusal(operation, problem);
  }

  private void refused(String operation, int status, Response response) {
    if (response.statusCode() == status) {
      refused(operation, response);
    } else {
      strays.add(
          "%s, not %d: %d %s"
              .formatted(operation, status, response.statusCode(), response.asString()));
    }
  }

  @Test
  void whatEveryOperationRefuses() {
    hostile("{\"for\":\"settled\"}")
        .header(KEY, "rig-call-1")
        .post(SB + "/wait")
        .then()
        .statusCode(200);
    for (DocumentedCall call : calls()) {
      String id = call.id();
      String url = call.url().split("\\?", 2)[0];
      refused(id, 400, send(call, hostile(), url + "?colour=red"));
      if (!FORBIDDEN.contains(id)) {
        refused(id, 403, send(call, hostile().header("Host", "evil.example"), url));
      }
      refused(id, 406, send(call, hostile().accept("text/html"), url));
      if (!call.mediaType().isEmpty()) {
        refused(id, 415, hostile().contentType("text/csv").body("a,b").request(call.method(), url));
        refused(
            id,
            413,
            hostile()
                .contentType(call.mediaType())
                .body(" ".repeat(1_100_000))
                .request(call.method(), url));
      }
      if (documents(call, "422", "EINVAL")) {
        String there = url.replace("rig-1", "default");
        refused(id, 422, send(call, hostile().header(KEY, "rig-call-1"), there));
      }
      if (call.path().contains("{sb}")) {
        String nobody = url.replaceFirst("/v1/sandboxes/[^/?]+", "/v1/sandboxes/nobody");
        if (call.operation().path("responses").has("404")) {
          refused(id, 404, send(call, hostile(), nobody));
        }
        refused(
            id,
            412,
            send(
                call,
                hostile().header("If-Match", "\"5f0c1f5e-3a64-4d0e-9b1c-2f6f1c1d7a10\""),
                url.replace("rig-1", "default")));
      }
    }

    // The file first: where it is written, what is right is written in any case.
    assertThat(examples.faults()).isEmpty();
    assertThat(strays).isEmpty();
  }

  private static Response send(DocumentedCall call, RequestSpecification as, String url) {
    Map<String, String> bodies = call.bodies();
    if (!bodies.isEmpty()) {
      as = as.contentType(call.mediaType()).body(bodies.values().iterator().next());
    }
    return as.request(call.method(), url);
  }

  @Test
  void whatOneOperationRefuses() throws Exception {
    refused("getProblem", 404, hostile().get("/problems/EWHAT"));
    sandboxesAreThere();
    closedVm();
    eventfds();
    irqfds();
    waits();
    chips();
    events();
    scenarios();
    explorations();
    snapshots();
    limits();

    // The file first: where it is written, what is right is written in any case.
    assertThat(examples.faults()).isEmpty();
    assertThat(strays).isEmpty();
  }

  private Response post(String path, String body) {
    return hostile(body).post(sandbox + path);
  }

  private Response put(String path, String body) {
    return hostile(body).put(sandbox + path);
  }

  private void sandboxesAreThere() {
    refused("createSandbox", 409, hostile("{\"name\":\"" + name + "\"}").post("/v1/sandboxes"));
    refused("ensureSandbox", 409, hostile("{\"ttl\":\"PT1M\"}").put(sandbox));
    refused("ensureSandbox", 412, hostile("{}").header("If-None-Match", "*").put(sandbox));
    call("{}").put("/v1/sandboxes/rig-1").then().statusCode(201);
  }

  /** A VM that is closed is a descriptor that is not open. */
  private void closedVm() {
    makeSandbox();
    bound();
    call().delete(sandbox + "/vms/vm-1").then().statusCode(200);
    for (DocumentedCall call : calls()) {
      if (call.path().contains("/vms/{vm}") && documents(call, "404", "EBADF")) {
        String url = call.url().replace(SB, sandbox).replace("vm-2", "vm-1");
        refused(call.id(), 404, send(call, hostile(), url));
      }
    }
  }

  private static boolean documents(DocumentedCall call, String status, String errno) {
    return call.operation()
        .path("responses")
        .path(status)
        .path("description")
        .asString("")
        .contains(errno);
  }

  private void eventfds() {
    makeSandbox();
    for (DocumentedCall call : calls()) {
      if (call.path().contains("{efd}")) {
        String url = call.url().replace(SB, sandbox).replace("/4", "/9").replace("efd-1", "9");
        refused(call.id(), 404, send(call, hostile(), url));
      }
    }
    call("{\"flags\":[\"NONBLOCK\"]}").post(sandbox + "/eventfds").then().statusCode(201);
    refused("readEventfd", 409, hostile().post(sandbox + "/eventfds/efd-1/read"));
    call("{}").post(sandbox + "/eventfds").then().statusCode(201);
    refused("readEventfd", 504, hostile().post(sandbox + "/eventfds/efd-2/read?timeout=PT0.01S"));
    String full = "{\"value\":\"18446744073709551614\"}";
    hostile(full).post(sandbox + "/eventfds/efd-1/signal").then().statusCode(200);
    refused("signalEventfd", 409, post("/eventfds/efd-1/signal", "{\"value\":\"1\"}"));
    refused(
        "signalMany", 422, post("/signals", "{\"items\":[{\"eventfd\":\"9\"}],\"atomic\":true}"));
  }

  private void events() {
    String small = sandbox + "-small";
    call("{\"limits\":{\"events\":16}}").put(small).then().statusCode(201);
    for (int i = 1; i <= 9; i++) {
      call("{}").post(small + "/eventfds").then().statusCode(201);
      call().delete(small + "/eventfds/efd-" + i).then().statusCode(200);
    }
    refused("listEvents", 410, hostile().get(small + "/events?onGap=fail"));
  }

  private void scenarios() {
    refused("getScenario", 404, hostile().get("/v1/scenarios/six-steps"));
    makeSandbox();
    call().post(sandbox + "/scenarios/signal-before-close/run?pace=step").then().statusCode(200);
    String next = sandbox + "/scenarios/runs/run-1/next";
    for (int i = 0; i < 3; i++) {
      call().post(next).then().statusCode(200);
    }
    // The next step waits for an injection that takes its time.
    call("{\"point\":\"inject.enter\",\"action\":\"DELAY\",\"delay\":\"PT1M\"}")
        .post(sandbox + "/breakpoints")
        .then()
        .statusCode(201);
    Call<Response> step = Call.start(() -> call().post(next));
    Await.until(() -> call().get(sandbox + "/stats").jsonPath().getLong("signals") == 1);
    refused("stepScenario", 409, hostile().post(next));
    call("{}").post(sandbox + "/breakpoints/bp-1/release").then().statusCode(200);
    assertThat(step.get().statusCode()).isEqualTo(200);
  }

  private void explorations() throws Exception {
    makeSandbox();
    String program = "{\"program\":\"actor a:\\n  vm_create v\\n\"";
    String lasting = program + ",\"runs\":1000000,\"timeout\":\"PT10M\"}";
    try (RunningExploration first = new RunningExploration(port, sandbox, lasting)) {
      assertThat(first.status()).isEqualTo(200);
      refused("runExploration", 409, post("/explorations", program + "}"));
      refused("runSchedule", 409, post("/explorations/replay", program + "}"));
    }
  }

  private void snapshots() {
    makeSandbox();
    held();
    refused("getSnapshot", 409, hostile().get(sandbox + "/snapshot"));
    call().delete(sandbox + "/breakpoints/bp-1").then().statusCode(200);
    settled();
    call("{\"point\":\"inject.enter\",\"action\":\"DELAY\",\"delay\":\"PT1M\"}")
        .post(sandbox + "/breakpoints")
        .then()
        .statusCode(201);
    call().post(sandbox + "/eventfds/3/signal").then().statusCode(200);
    refused("getSnapshot", 409, hostile().get(sandbox + "/snapshot"));
    call().delete(sandbox + "/breakpoints/bp-2").then().statusCode(200);
    settled();
    call("{}").post(sandbox + "/eventfds").then().statusCode(201);
    String small =
        "{\"limits\":{\"eventfds\":1},\"from\":"
            + call().get(sandbox + "/snapshot").asString()
            + "}";
    refused("createSandbox", 409, hostile(small).post("/v1/sandboxes"));
    refused("ensureSandbox", 409, hostile(small).put("/v1/sandboxes/rig-3"));

    makeSandbox();
    StringBuilder script = new StringBuilder();
    for (int vm = 0; vm < 3; vm++) {
      script.append("vm_create v%d\nirqchip_create v%d\n".formatted(vm, vm));
      for (int vcpu = 0; vcpu < 900; vcpu++) {
        script.append("vcpu_create v%d c%d-%d %d\n".formatted(vm, vm, vcpu, vcpu));
      }
    }
    call()
        .contentType("text/plain")
        .body(script.toString())
        .post(sandbox + "/scripts?keep=true")
        .then()
        .statusCode(200);
    refused("getSnapshot", 413, hostile().get(sandbox + "/snapshot"));
  }

  private void irqfds() {
    makeSandbox();
    bound();
    refused("assignIrqfd", 409, post("/vms/vm-1/irqfds", "{\"fd\":3,\"gsi\":5}"));
    refused("assignIrqfd", 422, post("/vms/vm-1/irqfds", "{\"fd\":9,\"gsi\":5}"));
    refused("deassignIrqfd", 422, post("/vms/vm-1/irqfds/deassign", "{\"fd\":9,\"gsi\":6}"));
  }

  private void waits() {
    makeSandbox();
    held();
    refused("waitFor", 409, post("/wait", "{\"for\":\"settled\",\"timeout\":\"PT5S\"}"));
    refused(
        "waitFor",
        504,
        post(
            "/wait",
            "{\"for\":\"injected\",\"irqfd\":\"irqfd-1\",\"atLeast\":9,\"timeout\":\"PT0.01S\"}"));
    refused("waitFor", 422, post("/wait", "{\"for\":\"injected\",\"eventfd\":\"efd-9\"}"));
    refused(
        "runScript",
        409,
        hostile()
            .contentType("text/plain")
            .body(
                """
                vm_create v0
                irqchip_create v0
                eventfd_create e0 0
                irqfd_assign v0 e0 5
                eventfd_write e0 1
                """)
            .post(script()));
    call().delete(sandbox + "/breakpoints/bp-2").then().statusCode(200);
    call().delete(sandbox + "/breakpoints/bp-1").then().statusCode(200);
    settled();
    call().post(sandbox + "/eventfds/3/signal?wait=settled").then().statusCode(200);
    refused(
        "waitFor",
        409,
        post("/wait", "{\"for\":\"injected\",\"irqfd\":\"irqfd-1\",\"atLeast\":1,\"atMost\":1}"));
  }

  /** Where a script's signal is held. */
  private String script() {
    call("{\"point\":\"inject.dereferenced\"}")
        .post(sandbox + "/breakpoints")
        .then()
        .statusCode(201);
    return sandbox + "/scripts";
  }

  private void chips() {
    makeSandbox();
    call("{\"irqchip\":\"NONE\"}").post(sandbox + "/vms").then().statusCode(201);
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    for (DocumentedCall call : calls()) {
      if (documents(call, "409", "ENXIO")) {
        refused(call.id(), 409, send(call, hostile(), call.url().replace(SB, sandbox)));
      }
    }
    refused("createIrqchip", 409, put("/vms/vm-2/irqchip", "{\"kind\":\"KERNEL\"}"));
    refused("signalMsi", 403, post("/vms/vm-2/msi", "{\"address\":4276092928,\"data\":65}"));
    call("{\"id\":0}").post(sandbox + "/vms/vm-2/vcpus").then().statusCode(201);
    call("{}").put(sandbox + "/vms/vm-2/pit").then().statusCode(200);
    refused("createPit", 409, put("/vms/vm-2/pit", "{}"));
    refused("createVcpu", 409, post("/vms/vm-2/vcpus", "{\"id\":0}"));
    refused("setBootVcpu", 409, put("/vms/vm-2/boot-vcpu", "{\"vcpu\":1}"));
    // Parked until a start-up message.
    call("{\"id\":1}").post(sandbox + "/vms/vm-2/vcpus").then().statusCode(201);
    call("{\"svr\":511}").put(sandbox + "/vms/vm-2/vcpus/1/lapic").then().statusCode(200);
    call("{\"address\":4276097024,\"data\":1280}").post(sandbox + "/vms/vm-2/msi");
    call().get(sandbox + "/vms/vm-2/vcpus/1").then().statusCode(200);
    refused(
        "acknowledgeInterrupt", 409, hostile().post(sandbox + "/vms/vm-2/vcpus/1/ack?from=pic"));
    refused("endInterrupt", 409, hostile().post(sandbox + "/vms/vm-2/vcpus/1/eoi"));
    refused("serveInterrupts", 409, post("/vms/vm-2/vcpus/1/serve", "{\"times\":1}"));
    refused("accessRegister", 409, post("/vms/vm-2/vcpus/1/io", "{\"lapic\":128,\"value\":0}"));
  }

  private void limits() {
    makeSandbox();
    for (int i = 0; i < 3; i++) {
      call("{}").post(sandbox + "/vms").then().statusCode(201);
      call("{}").post(sandbox + "/eventfds").then().statusCode(201);
    }
    refused("createVm", 409, post("/vms", "{}"));
    refused("createEventfd", 409, post("/eventfds", "{}"));
    for (int i = 0; i < 2; i++) {
      String gsi = "{\"fd\":" + (3 + i) + ",\"gsi\":5}";
      call(gsi).post(sandbox + "/vms/vm-1/irqfds").then().statusCode(201);
      call("{\"point\":\"put.vm\"}").post(sandbox + "/breakpoints").then().statusCode(201);
      call().post(sandbox + "/eventfds/3/dup").then().statusCode(201);
    }
    refused("assignIrqfd", 409, post("/vms/vm-1/irqfds", "{\"fd\":5,\"gsi\":5}"));
    refused("createBreakpoint", 409, post("/breakpoints", "{\"point\":\"put.vm\"}"));
    refused("duplicateDescriptor", 409, hostile().post(sandbox + "/eventfds/3/dup"));
    refused("createPipe", 409, hostile().post(sandbox + "/pipes"));
    call().delete(sandbox + "/breakpoints/bp-1");
    call().delete(sandbox + "/breakpoints/bp-2");

    refused("deleteSandbox", 403, hostile().delete(SB));
    refused("advanceClock", 403, hostile("{\"by\":\"PT1S\"}").post(SB + "/clock/advance"));
    List<String> made = new ArrayList<>();
    Response last = call("{}").post("/v1/sandboxes");
    while (last.statusCode() == 201) {
      made.add(last.jsonPath().getString("name"));
      last = call("{}").post("/v1/sandboxes");
    }
    refused("createSandbox", 429, last);
    refused("ensureSandbox", 429, hostile("{}").put("/v1/sandboxes/rig-2"));
    made.forEach(one -> call().delete("/v1/sandboxes/" + one).then().statusCode(200));
  }

  /** What stands once for all operations is said so by one of them. The instance drains then. */
  @Test
  @DirtiesContext
  void whatAnyOperationRefuses() throws IOException {
    try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), port)) {
      slow.getOutputStream()
          .write(
              ("POST "
                      + sandbox
                      + "/vms HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n"
                      + "Content-Type: application/json\r\nConnection: close\r\n\r\n{")
                  .getBytes(UTF_8));
      String answer = new String(slow.getInputStream().readAllBytes(), UTF_8);
      any(JSON.readTree(answer.substring(answer.indexOf("\r\n\r\n{") + 4)));
    }
    sandboxes.beginDrain();
    any(JSON.readTree(hostile("{}").post("/v1/sandboxes").asString()));

    // The file first: where it is written, what is right is written in any case.
    assertThat(examples.faults()).isEmpty();
    assertThat(strays).isEmpty();
  }

  private void any(JsonNode problem) {
    JsonNode copy = problem.deepCopy();
    ((ObjectNode) copy).put("instance", "/").remove("sandbox");
    examples.meetRefusal("*", copy);
  }
}
