package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;

import dev.virq.script.Verb;
import dev.virq.script.Verbs;
import io.restassured.path.json.JsonPath;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Scripts and single calls can do the same. */
class OperationsIT extends OverHttp {

  /** Calls that no operation makes, and why. */
  private static final Map<String, Set<String>> WITHOUT_OPERATION =
      Map.of(
          "what a script runs in",
          Set.of(
              "createSandbox",
              "ensureSandbox",
              "deleteSandbox",
              "renewSandbox",
              "resetSandbox",
              "runScript",
              "signalMany"),
          "a scenario makes calls that scripts have",
          Set.of("runScenario", "stepScenario"),
          "an exploration has a program of its own",
          Set.of("runExploration", "runSchedule"),
          "an operation waits for what it began by itself",
          Set.of("waitFor"),
          "a held operation would end the script with EDEADLK",
          Set.of("createBreakpoint", "deleteBreakpoint", "releaseBreakpoint"),
          "eventfd_close and irqfd_deassign, by the id that the API gives",
          Set.of("deleteIrqfd"));

  private static final String BELOW = "/v1/sandboxes/{sb}";

  private JsonPath operations() {
    return call().get("/v1/operations").then().statusCode(200).extract().jsonPath();
  }

  @Test
  void everyOperationNamesACallThatExists() {
    Set<String> served = Set.copyOf(served().values());
    List<String> calls = operations().getList("items.call");

    assertThat(operations().getList("items.word", String.class))
        .containsExactlyElementsOf(Verbs.all().stream().map(Verb::word).toList());
    assertThat(calls).allSatisfy(call -> assertThat(served).contains(call.split(" \\(", 2)[0]));
  }

  @Test
  void everyCallThatChangesSomethingHasAnOperation() {
    Set<String> said =
        operations().getList("items.call", String.class).stream()
            .map(call -> call.split(" \\(", 2)[0])
            .collect(Collectors.toSet());
    Set<String> argued =
        WITHOUT_OPERATION.values().stream().flatMap(Set::stream).collect(Collectors.toSet());

    Map<String, String> served = served();
    assertThat(served.keySet()).containsAll(argued);
    served.forEach((id, call) -> {
      // What only looks is not for scripts, which see what each operation answers.
      if (!call.startsWith("GET ") && call.contains(BELOW) && !argued.contains(id)) {
        assertThat(said).as(id).contains(call);
      }
    });
  }

  /** Method and path of every operation in the document. */
  private Map<String, String> served() {
    Map<String, Map<String, Map<String, Object>>> paths =
        JsonPath.from(madeDocument()).getMap("paths");
    return paths.entrySet().stream()
        .flatMap(path ->
            path.getValue().entrySet().stream()
                .map(method ->
                    Map.entry(
                        String.valueOf(method.getValue().get("operationId")),
                        method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey())))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  @Test
  void whatAScriptKeepsIsDrivenBySingleCalls() {
    String answer =
        call()
            .contentType("text/plain")
            .queryParam("keep", true)
            .body(
                """
                vm_create disk
                irqchip_create disk
                eventfd_create kick 0
                irqfd_assign disk kick 5
                """)
            .post(sandbox + "/scripts")
            .then()
            .statusCode(200)
            .extract()
            .asString();

    assertThat(answer)
        .isEqualTo(
            """
            {"op":"vm_create disk","ok":true,"id":"vm-1"}
            {"op":"irqchip_create disk","ok":true}
            {"op":"eventfd_create kick 0","ok":true,"fd":3}
            {"op":"irqfd_assign disk kick 5","ok":true,"id":"irqfd-1"}
            """);
    call().get(sandbox + "/vms/vm-1").then().body("name", equalTo("disk"));
    call().get(sandbox + "/eventfds/3").then().body("name", equalTo("kick"));
    call()
        .post(sandbox + "/eventfds/3/signal?wait=settled")
        .then()
        .body("outcome", equalTo("INJECTED"));
    call().delete(sandbox).then().body("leaked.vms", hasItems("vm-1"));
  }

  @Test
  void withoutKeepNothingStays() {
    call()
        .contentType("text/plain")
        .body("vm_create v0\n")
        .post(sandbox + "/scripts?keep=false")
        .then()
        .statusCode(200);

    call().get(sandbox).then().body("counts.vms", equalTo(0));
  }

  @Test
  void keepIsTrueOrFalse() {
    hostile()
        .contentType("text/plain")
        .body("vm_create v0\n")
        .post(sandbox + "/scripts?keep=yes")
        .then()
        .statusCode(400)
        .body("errno", equalTo("EINVAL"))
        .body("detail", equalTo("keep \"yes\" is neither true nor false"));
  }

  @Test
  void eventfdIsPolledAndAPipeIsNone() {
    call("{\"initval\":\"1\"}").post(sandbox + "/eventfds").then().statusCode(201);
    call()
        .get(sandbox + "/eventfds/3/poll")
        .then()
        .statusCode(200)
        .body("in", equalTo(true))
        .body("out", equalTo(true))
        .body("err", equalTo(false));

    call().post(sandbox + "/pipes").then().statusCode(201).body("fd", equalTo(4));
    call().get(sandbox + "/eventfds/4").then().statusCode(400).body("errno", equalTo("EINVAL"));
    call().delete(sandbox + "/eventfds/4").then().statusCode(200);
  }

  @Test
  void fieldsOfTheIoApicAreRestored() {
    call("{}").post(sandbox + "/vms").then().statusCode(201);

    call("{\"id\":7}")
        .put(sandbox + "/vms/vm-1/irqchip/ioapic")
        .then()
        .statusCode(200)
        .body("id", equalTo(7));
    call().get(sandbox + "/vms/vm-1/irqchip").then().body("ioapic.id", equalTo(7));
  }
}
