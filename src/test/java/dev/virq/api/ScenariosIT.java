package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.virq.testing.Await;
import dev.virq.testing.Call;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every scenario runs as it says, alone, one after the other in any order, and all at once. */
class ScenariosIT extends OverHttp {
  private static final JsonMapper JSON = new JsonMapper();
  private static final AtomicInteger MADE = new AtomicInteger();

  private List<String> names() {
    return call().get("/v1/scenarios").then().statusCode(200).extract().path("items.name");
  }

  private String fresh() {
    String path = "/v1/sandboxes/scenario-" + MADE.incrementAndGet();
    call().put(path).then().statusCode(201);
    return path;
  }

  private JsonNode run(String in, String scenario) {
    Response answer = call().post(in + "/scenarios/" + scenario + "/run");
    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    return JSON.readTree(answer.asString());
  }

  private static void assertOk(JsonNode run) {
    List<String> faults = new ArrayList<>();
    run.get("steps")
        .forEach(step -> {
          if (!step.path("ok").asBoolean()) {
            faults.add(
                step.get("n")
                    + " "
                    + step.path("text")
                    + step.path("fault")
                    + step.path("observed"));
          }
        });
    assertThat(faults).as(run.get("name").asString()).isEmpty();
    assertThat(run.get("verdict").asString()).isEqualTo("OK");
    assertThat(run.has("next")).isFalse();
  }

  /** Nothing is left of a scenario; but what its sandbox shows of the past. */
  private void assertClean(String in) {
    call()
        .delete(in)
        .then()
        .statusCode(200)
        .body("leaked.vms", hasSize(0))
        .body("leaked.eventfds", hasSize(0))
        .body("leaked.irqfds", hasSize(0))
        .body("leaked.breakpoints", hasSize(0));
  }

  @TestFactory
  Stream<DynamicTest> eachRunsAlone() {
    return names().stream()
        .map(scenario ->
            dynamicTest(
                scenario,
                () -> {
                  String in = fresh();
                  JsonNode run = run(in, scenario);
                  assertOk(run);
                  call().get(run.get("events").asString()).then().statusCode(200);
                  TraceRules.check(
                      JSON.readTree(call().get(run.get("trace").asString()).asString()));
                  assertClean(in);
                }));
  }

  @Test
  void thereAreTheScenariosThatTheDesignNames() {
    assertThat(names())
        .hasSizeGreaterThanOrEqualTo(15)
        .contains(
            "five-steps",
            "vm-close-against-hangup",
            "preloaded-counter",
            "fd-reuse",
            "grace-spike",
            "lease-expiry-under-a-hold",
            "held-readers");
  }

  @Test
  void allRunInAnyOrderInOneSandbox() {
    List<String> order = new ArrayList<>(names());
    long seed = System.nanoTime();
    Collections.shuffle(order, new Random(seed));
    for (String scenario : order) {
      JsonNode run = run(sandbox, scenario);
      assertThat(run.get("verdict").asString())
          .as("%s, seed %d: %s", scenario, seed, run)
          .isEqualTo("OK");
    }
  }

  @Test
  void allRunAtOnce() {
    List<Call<JsonNode>> runs =
        names().stream()
            .map(scenario -> {
              String in = fresh();
              return Call.start(() -> run(in, scenario));
            })
            .toList();
    runs.forEach(run -> assertOk(run.get()));
  }

  @Test
  void fiveStepsAreTakenOneByOne() {
    call()
        .post(sandbox + "/scenarios/five-steps/run?pace=step")
        .then()
        .statusCode(200)
        .body("id", equalTo("run-1"))
        .body("verdict", equalTo("RUNNING"))
        .body("next", equalTo(1))
        .body("steps[0]", not(hasKey("ok")))
        .body("steps[2].call.path", equalTo(sandbox + "/vms/{vm}/irqfds"));
    call().get(sandbox).then().body("counts.vms", equalTo(0));
    String next = sandbox + "/scenarios/runs/run-1/next";
    call()
        .post(next)
        .then()
        .statusCode(200)
        .body("next", equalTo(2))
        .body("steps[0].ok", equalTo(true))
        .body("steps[0].observed.id", equalTo("vm-1"))
        .body("steps[0].call.path", equalTo(sandbox + "/vms"))
        .body("steps[1]", not(hasKey("ok")))
        .body("steps[2].call.path", equalTo(sandbox + "/vms/vm-1/irqfds"));
    call().get(sandbox).then().body("counts.vms", equalTo(1));
    int steps = 1;
    int heldAt = 11;
    Response answer = call().get(sandbox + "/scenarios/runs/run-1");
    while (answer.path("next") != null) {
      answer = call().post(next);
      assertThat(answer.statusCode()).isEqualTo(200);
      steps++;
      if (steps == heldAt) {
        call().get(sandbox + "/vms/vm-1").then().body("state", equalTo("CLOSING"));
      }
    }
    answer
        .then()
        .body("verdict", equalTo("OK"))
        .body("steps", hasSize(steps))
        .body("steps[8].expected.'/heldBy/0/breakpoint'", equalTo("bp-1"));
    call().post(next).then().statusCode(200).body("verdict", equalTo("OK"));
  }

  @Test
  void scenarioThatIsNotAsExpectedFailsAndCleansUp() {
    // Somebody else holds the point first: the injection of the scenario stands elsewhere.
    call("{\"point\":\"inject.enter\",\"hits\":10,\"maxHold\":\"PT0.1S\"}")
        .post(sandbox + "/breakpoints")
        .then()
        .statusCode(201);
    call()
        .post(sandbox + "/scenarios/signal-before-close/run")
        .then()
        .statusCode(200)
        .body("verdict", equalTo("FAILED"))
        .body("next", nullValue())
        .body("steps.find { it.ok == false }.fault", equalTo("status is 202, not 200"));
    Await.until(() -> call().get(sandbox).jsonPath().getInt("counts.vms") == 0);
  }

  @Test
  void runAfterTheResetOfAnotherTouchesNothing() {
    call().post(sandbox + "/scenarios/double-close/run?pace=step").then().statusCode(200);
    String next = sandbox + "/scenarios/runs/run-1/next";
    for (int i = 0; i < 3; i++) {
      call().post(next).then().statusCode(200).body("verdict", equalTo("RUNNING"));
    }
    call("{}").post(sandbox + "/reset").then().statusCode(200);
    call("{}").post(sandbox + "/vms").then().statusCode(201).body("id", equalTo("vm-1"));
    call("{}").post(sandbox + "/eventfds").then().statusCode(201).body("id", equalTo("efd-1"));

    Response answer = call().post(next);
    answer
        .then()
        .body("verdict", equalTo("FAILED"))
        .body("steps[3].status", equalTo(412))
        .body("steps[3].observed.detail", containsString("it was reset or made anew"));
    while (answer.path("next") != null) {
      answer = call().post(next);
    }

    call().get(sandbox).then().body("counts.vms", equalTo(1)).body("counts.eventfds", equalTo(1));
  }

  @Test
  void runThatIsUnderWayIsKeptLonger() {
    call().post(sandbox + "/scenarios/five-steps/run?pace=step").then().statusCode(200);
    for (int i = 2; i <= 9; i++) {
      run(sandbox, "ebusy-across-vms");
    }
    call().get(sandbox + "/scenarios/runs/run-1").then().statusCode(200);
    call().get(sandbox + "/scenarios/runs/run-2").then().statusCode(404);
    call().get(sandbox + "/scenarios/runs/run-9").then().statusCode(200);
  }

  @Test
  void onlyTheLastRunsAreKept() {
    for (int i = 1; i <= 9; i++) {
      run(sandbox, "ebusy-across-vms");
    }
    call().get(sandbox + "/scenarios/runs/run-1").then().statusCode(404);
    call().get(sandbox + "/scenarios/runs/run-2").then().statusCode(200);
    call().get(sandbox + "/scenarios/runs/run-9").then().statusCode(200);
  }

  @Test
  void whatThereIsNotIsRefused() {
    call().get("/v1/scenarios/six-steps").then().statusCode(404).body("errno", equalTo("ENOENT"));
    call()
        .post(sandbox + "/scenarios/six-steps/run")
        .then()
        .statusCode(404)
        .body("errno", equalTo("ENOENT"));
    hostile()
        .post(sandbox + "/scenarios/five-steps/run?pace=slow")
        .then()
        .statusCode(400)
        .body("errno", equalTo("EINVAL"));
    call().get(sandbox + "/scenarios/runs/run-7").then().statusCode(404);
    hostile().get(sandbox + "/scenarios/runs/run-x").then().statusCode(400);
  }
}
