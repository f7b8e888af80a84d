package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import dev.virq.limits.SandboxLimits;
import io.restassured.path.json.JsonPath;
import java.lang.reflect.RecordComponent;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A sandbox with limits of its own. */
class SandboxLimitsIT extends OverHttp {
  private String small;

  private void make(String limits) {
    small = sandbox + "-small";
    call("{\"limits\":" + limits + "}").put(small).then().statusCode(201);
  }

  @Test
  void aDefaultThatIsSentIsCutAsOneThatIsLeftOut() {
    make("{\"wait\":\"PT1S\",\"hold\":\"PT1S\"}");

    call("{\"for\":\"settled\",\"timeout\":\"PT5S\"}").post(small + "/wait").then().statusCode(200);
    call("{}").post(small + "/eventfds").then().statusCode(201);
    call("{\"items\":[{\"eventfd\":\"3\"}],\"wait\":\"settled\",\"timeout\":\"PT5S\"}")
        .post(small + "/signals")
        .then()
        .statusCode(200);
    call().post(small + "/eventfds/3/signal?wait=settled&timeout=PT2S").then().statusCode(200);
    call("{\"point\":\"inject.enter\",\"maxHold\":\"PT30S\"}")
        .post(small + "/breakpoints")
        .then()
        .statusCode(201)
        .body("maxHoldNanos", equalTo(1_000_000_000));
    hostile("{\"for\":\"settled\",\"timeout\":\"PT4S\"}")
        .post(small + "/wait")
        .then()
        .statusCode(400);
    hostile().delete(small + "/eventfds/3?timeout=PT4S").then().statusCode(400);
    call().delete(small + "/eventfds/3?timeout=PT5S").then().statusCode(200);
  }

  @Test
  void whatTheDocumentSaysIsTheLeastIsTheLeast() {
    Map<String, Object> members =
        JsonPath.from(madeDocument()).getMap("components.schemas.LimitsRequest.properties");
    assertThat(members).hasSizeGreaterThan(15);
    members.forEach((name, schema) -> {
      if (schema instanceof Map<?, ?> map && map.get("minimum") instanceof Number least) {
        // Each instance has its own least memory.
        if (!name.equals("memoryBytes")) {
          make("{\"" + name + "\":" + least + "}");
          call().delete(small).then().statusCode(200);
        }
        hostile("{\"limits\":{\"" + name + "\":" + (least.longValue() - 1) + "}}")
            .put(small)
            .then()
            .statusCode(400);
      }
    });
  }

  @Test
  void whatIsLoweredHolds() {
    make(
        "{\"vms\":1,\"eventfds\":2,\"irqfds\":1,\"breakpoints\":1,\"scriptLines\":2,\"workers\":2,"
            + "\"wait\":\"PT2S\",\"hold\":\"PT3S\",\"ttl\":\"PT1M\",\"memoryBytes\":200000}");

    call()
        .get(small)
        .then()
        .body("limits.vms", equalTo(1))
        .body("limits.waitNanos", equalTo(2_000_000_000))
        .body("limits.memoryBytes", equalTo(200_000))
        .body("workers", equalTo(2))
        .body("ttlNanos", equalTo(60_000_000_000L));
    call("{}").post(small + "/vms").then().statusCode(201);
    call("{}").post(small + "/vms").then().statusCode(409).body("errno", equalTo("EMFILE"));
    call("{\"point\":\"inject.enter\"}")
        .post(small + "/breakpoints")
        .then()
        .statusCode(201)
        .body("maxHoldNanos", equalTo(3_000_000_000L));
    call("{\"point\":\"inject.enter\"}").post(small + "/breakpoints").then().statusCode(409);
    hostile("{\"point\":\"inject.enter\",\"maxHold\":\"PT4S\"}")
        .post(small + "/breakpoints")
        .then()
        .statusCode(400);
    hostile("{\"for\":\"settled\",\"timeout\":\"PT3S\"}")
        .post(small + "/wait")
        .then()
        .statusCode(400);
    hostile("{\"ttl\":\"PT2M\"}").post(small + "/renew").then().statusCode(400);
    call()
        .contentType("text/plain")
        .body("vm_create a\nvm_create b\nvm_create c\n")
        .post(small + "/scripts")
        .then()
        .statusCode(413);
    call().post(small + "/reset").then().statusCode(200);
    call("{}").post(small + "/vms").then().statusCode(201);
    call("{}").post(small + "/vms").then().statusCode(409);
    // And nobody else's.
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    call("{}").post(sandbox + "/vms").then().statusCode(201);
  }

  @Test
  void whatIsHigherOrTooLowIsRefusedWithTheInstancesOwn() {
    hostile("{\"limits\":{\"vms\":10001}}")
        .put(sandbox + "-b")
        .then()
        .statusCode(400)
        .body("errors.pointer", contains("/limits/vms"))
        .body("detail", containsString("10000"));
    hostile("{\"limits\":{\"wait\":\"PT2M\"}}")
        .post("/v1/sandboxes")
        .then()
        .statusCode(400)
        .body("detail", containsString("PT1M"));
    hostile("{\"limits\":{\"vms\":0}}").put(sandbox + "-b").then().statusCode(400);
    hostile("{\"limits\":{\"sandboxes\":1}}").put(sandbox + "-b").then().statusCode(400);
    hostile("{\"limits\":{\"ttl\":\"PT1M\"},\"ttl\":\"PT2M\"}")
        .put(sandbox + "-b")
        .then()
        .statusCode(400)
        .body("errors.pointer", contains("/ttl"));
    call().get(sandbox + "-b").then().statusCode(404);
  }

  @Test
  void theSameLimitsAreTheSameSettings() {
    make("{\"vms\":1}");

    call("{\"limits\":{\"vms\":1}}").put(small).then().statusCode(200);
    call("{\"limits\":{\"vms\":2}}").put(small).then().statusCode(409);
    call("{}").put(small).then().statusCode(409);
  }

  @Test
  void everyLimitOfASandboxCanBeAskedFor() {
    Set<String> taken = new TreeSet<>();
    for (RecordComponent member : SandboxController.LimitsRequest.class.getRecordComponents()) {
      taken.add(member.getName().equals("longestWait") ? "wait" : member.getName());
    }

    assertThat(taken).containsExactlyInAnyOrderElementsOf(SandboxLimits.names());
    Map<String, Object> shown = call().get("/v1").jsonPath().getMap("limits");
    assertThat(SandboxLimits.names())
        .allMatch(name -> shown.containsKey(SandboxLimits.isTime(name) ? name + "Nanos" : name));
  }
}
