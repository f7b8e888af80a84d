package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;

import dev.virq.sandbox.Sandboxes;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A sandbox as one document, and a sandbox made of it. */
class SnapshotIT extends OverHttp {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Autowired private Sandboxes sandboxes;

  private String snapshot() {
    return call().get(sandbox + "/snapshot").then().statusCode(200).extract().asString();
  }

  private static String body(String snapshot) {
    return "{\"clock\":\"VIRTUAL\",\"from\":" + snapshot + "}";
  }

  private static ObjectNode object(String json) {
    return (ObjectNode) JSON.readTree(json);
  }

  @Test
  void whatARigRememberedStaysTrue() {
    machine();
    String taken = snapshot();
    String other = sandbox + "-restored";

    call(body(taken)).put(other).then().statusCode(201).body("clock", equalTo("VIRTUAL"));
    assertThat(object(call().get(other + "/snapshot").asString()).without("clock"))
        .isEqualTo(object(taken).without("clock"));

    // The same calls, in both.
    List<String> here = goOn(sandbox);
    List<String> there = goOn(other);
    assertThat(there).isEqualTo(here);
    assertThat(here).hasSizeGreaterThan(10);
  }

  /** A VM with a vCPU, a level interrupt in service, a resample irqfd, a duplicate, gone things. */
  private void machine() {
    call("{\"name\":\"guest\"}").post(sandbox + "/vms").then().statusCode(201);
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    call().delete(sandbox + "/vms/vm-2?wait=settled").then().statusCode(200);
    call("{\"initval\":\"3\"}").post(sandbox + "/eventfds").then().statusCode(201);
    call("{\"flags\":[\"SEMAPHORE\",\"NONBLOCK\"]}").post(sandbox + "/eventfds");
    call().delete(sandbox + "/eventfds/3").then().statusCode(200);
    call("{\"name\":\"kick\"}").post(sandbox + "/eventfds").then().statusCode(201);
    call().post(sandbox + "/eventfds/4/dup").then().statusCode(201);
    call().post(sandbox + "/pipes").then().statusCode(201);
    call("{\"id\":0}").post(sandbox + "/vms/vm-1/vcpus").then().statusCode(201);
    call("{\"svr\":511}").put(sandbox + "/vms/vm-1/vcpus/0/lapic").then().statusCode(200);
    call("{\"vector\":65,\"triggerMode\":\"LEVEL\",\"mask\":false}")
        .put(sandbox + "/vms/vm-1/irqchip/ioapic/pins/5")
        .then()
        .statusCode(200);
    call("{\"eventfd\":\"efd-3\",\"gsi\":5,\"flags\":[\"RESAMPLE\"],\"resampleFd\":4}")
        .post(sandbox + "/vms/vm-1/irqfds")
        .then()
        .statusCode(201);
    call().post(sandbox + "/eventfds/efd-3/signal?wait=settled").then().statusCode(200);
    call().post(sandbox + "/vms/vm-1/vcpus/0/ack").then().body("vector", equalTo(65));
  }

  private List<String> goOn(String at) {
    List<Response> answers = new ArrayList<>();
    answers.add(call().get(at + "/vms/vm-1"));
    answers.add(call().get(at + "/vms/vm-2"));
    answers.add(call().get(at + "/vms/vm-2/gsis/5"));
    answers.add(call().get(at + "/vms/vm-1/irqchip"));
    answers.add(call().get(at + "/vms/vm-1/vcpus/0"));
    answers.add(call().get(at + "/vms/vm-1/gsis/5"));
    answers.add(call().get(at + "/vms/vm-1/irqfds/irqfd-1"));
    answers.add(call().get(at + "/eventfds"));
    answers.add(call().post(at + "/vms/vm-1/vcpus/0/eoi"));
    answers.add(call().get(at + "/eventfds/efd-2"));
    answers.add(call().post(at + "/eventfds/efd-3/signal?wait=settled"));
    answers.add(call().post(at + "/vms/vm-1/vcpus/0/ack"));
    answers.add(call("{}").post(at + "/vms"));
    answers.add(call("{}").post(at + "/eventfds"));
    answers.add(call().post(at + "/eventfds/4/read"));
    return answers.stream()
        .map(answer -> {
          ObjectNode json = object(answer.asString());
          hide(json);
          return answer.statusCode() + " " + json;
        })
        .toList();
  }

  /** What is of the log, or of the wall clock. */
  private static void hide(JsonNode json) {
    if (json instanceof ObjectNode object) {
      object.remove(
          List.of(
              "seq", "lastSeq", "releasedSeq", "at", "acceptedAt", "srcu", "finalSeq", "worker"));
      List.copyOf(object.propertyNames()).stream()
          .filter(name -> name.endsWith("Nanos") || name.endsWith("At") || name.endsWith("Millis"))
          .forEach(object::remove);
    }
    json.forEach(SnapshotIT::hide);
  }

  @Test
  void theClockGoesOnFromItsReading() {
    String from = sandbox + "-virtual";
    call("{\"clock\":\"VIRTUAL\"}").put(from).then().statusCode(201);
    call("{\"by\":\"PT5S\"}").post(from + "/clock/advance").then().statusCode(200);
    String taken = call().get(from + "/snapshot").asString();

    String made =
        call("{\"from\":" + taken + "}")
            .post("/v1/sandboxes")
            .then()
            .statusCode(201)
            .extract()
            .path("name");

    call()
        .get("/v1/sandboxes/" + made + "/clock")
        .then()
        .body("kind", equalTo("VIRTUAL"))
        .body("nanos", equalTo(5_000_000_000L));
    call().delete("/v1/sandboxes/" + made).then().statusCode(200);
    call().delete(from).then().statusCode(200);
  }

  @Test
  void whatIsHeldOrInFlightIsNamed() {
    held();

    hostile()
        .get(sandbox + "/snapshot")
        .then()
        .statusCode(409)
        .body("errno", equalTo("EDEADLK"))
        .body("detail", containsString("bp-1"));

    call("{}").post(sandbox + "/breakpoints/bp-1/release").then().statusCode(200);
    settled();
    call().get(sandbox + "/snapshot").then().statusCode(200);
  }

  @Test
  void aBrokenSnapshotIsRefusedByNameAndNothingIsMade() {
    bound();
    long before = sandboxes.memoryUsed();
    ObjectNode unknown = object(snapshot());
    ((ObjectNode) unknown.at("/vms/0")).put("colour", "red");
    ObjectNode type = object(snapshot());
    ((ObjectNode) type.at("/vms/0")).put("references", "two");
    ObjectNode range = object(snapshot());
    ((ObjectNode) range.at("/vms/0/chips/pics/master")).put("imr", 256);
    ObjectNode vm = object(snapshot());
    ((ObjectNode) vm.at("/irqfds/0")).put("vm", 9);
    ObjectNode twice = object(snapshot());
    ArrayNode irqfds = (ArrayNode) twice.path("irqfds");
    irqfds.add(((ObjectNode) irqfds.get(0).deepCopy()).put("number", 2));
    ((ObjectNode) twice.path("next")).put("irqfd", 3);
    ((ObjectNode) twice.at("/vms/0")).put("references", 3);
    ObjectNode major = object(snapshot());
    ((ObjectNode) major.path("schema")).put("major", 2);
    major.put("colour", "red");
    ObjectNode missing = object(snapshot());
    ((ObjectNode) missing.at("/eventfds/0")).remove("fds");

    Map<ObjectNode, String> faults = new LinkedHashMap<>();
    faults.put(unknown, "/from/vms/0/colour");
    faults.put(type, "/from/vms/0/references");
    faults.put(range, "/from/vms/0/chips/pics/master/imr");
    faults.put(vm, "/from/irqfds/0/vm");
    faults.put(twice, "/from/irqfds/1/eventfd");
    faults.put(major, "/from/schema/major");
    faults.put(missing, "/from/eventfds/0/fds");
    faults.forEach((document, pointer) ->
        hostile(body(document.toString()))
            .put(sandbox + "-broken")
            .then()
            .statusCode(400)
            .body("errno", equalTo("EINVAL"))
            .body("errors.pointer", hasItem(pointer))
            .body("detail", startsWith(pointer.substring(1))));

    call().get(sandbox + "-broken").then().statusCode(404);
    assertThat(sandboxes.memoryUsed()).isEqualTo(before);
  }

  @Test
  void limitsHoldAsForCallsAndNothingIsMade() {
    bound();
    StringBuilder script = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      script.append("eventfd_create e").append(i).append(" 0\n");
    }
    run(script.toString());
    String taken = snapshot();
    long before = sandboxes.memoryUsed();
    long objects = sandboxes.totals().eventfds().used();

    hostile("{\"limits\":{\"eventfds\":1},\"from\":" + taken + "}")
        .put(sandbox + "-small")
        .then()
        .statusCode(409)
        .body("errno", equalTo("EMFILE"))
        .body("detail", containsString("limit of 1 eventfds"));
    hostile("{\"limits\":{\"memoryBytes\":100000},\"from\":" + taken + "}")
        .put(sandbox + "-small")
        .then()
        .statusCode(409)
        .body("errno", equalTo("EMFILE"));

    call().get(sandbox + "-small").then().statusCode(404);
    assertThat(sandboxes.memoryUsed()).isEqualTo(before);
    assertThat(sandboxes.totals().eventfds().used()).isEqualTo(objects);
  }

  @Test
  void aSandboxThatIsThereIsNotMadeAnew() {
    String taken = snapshot();

    hostile("{\"from\":" + taken + "}")
        .put(sandbox)
        .then()
        .statusCode(409)
        .body("errno", equalTo("EEXIST"));
  }

  private void run(String script) {
    call()
        .contentType("text/plain")
        .queryParam("keep", true)
        .body(script)
        .post(sandbox + "/scripts")
        .then()
        .statusCode(200);
  }

  /** A member that is there twice is no member at all. */
  @Test
  void aMemberThatIsThereTwiceIsRefused() {
    String taken = snapshot();

    hostile("{\"from\":" + taken.replaceFirst("\"virq\":", "\"virq\":\"x\",\"virq\":") + "}")
        .put(sandbox + "-twice")
        .then()
        .statusCode(400);
  }

  @Test
  void oneThatNoRequestCouldCarryIsNotTaken() {
    StringBuilder script = new StringBuilder();
    for (int vm = 0; vm < 3; vm++) {
      script.append("vm_create v%d%nirqchip_create v%d%n".formatted(vm, vm));
      for (int vcpu = 0; vcpu < 900; vcpu++) {
        script.append("vcpu_create v%d c%d-%d %d%n".formatted(vm, vm, vcpu, vcpu));
      }
    }
    run(script.toString());

    hostile()
        .get(sandbox + "/snapshot")
        .then()
        .statusCode(413)
        .body("errno", equalTo("E2BIG"))
        .body("detail", containsString("virq.max-body"));
  }

  /** What was released long ago must not keep a sandbox from being taken. */
  @Test
  void historyIsLeftOutWhenItIsTooLong() {
    for (int part = 0; part < 10; part++) {
      StringBuilder script = new StringBuilder();
      for (int vm = 0; vm < 80; vm++) {
        script.append("vm_create v%d%nirqchip_create v%d%n".formatted(vm, vm));
        for (int gsi = 0; gsi < 10; gsi++) {
          script.append("irq_line v%d %d 1%n".formatted(vm, gsi));
        }
        script.append("vm_close v%d%n".formatted(vm));
      }
      run(script.toString());
    }

    hostile()
        .get(sandbox + "/snapshot")
        .then()
        .statusCode(413)
        .body("detail", containsString("are history, which history=false leaves out"));

    call()
        .get(sandbox + "/snapshot?history=false")
        .then()
        .statusCode(200)
        .body("releasedVms", hasSize(0))
        .body("freedIrqfds", hasSize(0))
        .body("next.vm", equalTo(801));
  }

  @Test
  void historyIsTrueOrFalse() {
    hostile()
        .get(sandbox + "/snapshot?history=some")
        .then()
        .statusCode(400)
        .body("detail", containsString("history \"some\" is neither true nor false"));
  }
}
