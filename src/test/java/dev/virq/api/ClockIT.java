package dev.virq.api;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.instanceOf;

import org.junit.jupiter.api.Test;

/** Timers go by the clock of their sandbox. */
class ClockIT extends OverHttp {
  private static final String VIRTUAL = "/v1/sandboxes/clock-virtual";

  @Test
  void aTimerExpiresWhenTheClockOfItsSandboxSaysSo() {
    call("{\"clock\":\"VIRTUAL\"}")
        .put(VIRTUAL)
        .then()
        .statusCode(201)
        .body("clock", equalTo("VIRTUAL"));
    hostile("{\"clock\":\"REAL\"}").put(VIRTUAL).then().statusCode(409);
    String vcpu = VIRTUAL + "/vms/vm-1/vcpus/0";
    call("{}").post(VIRTUAL + "/vms").then().statusCode(201);
    call("{\"id\":0,\"cpuid\":[\"TSC_DEADLINE\"]}")
        .post(VIRTUAL + "/vms/vm-1/vcpus")
        .then()
        .statusCode(201);
    call("{\"svr\":511}").put(vcpu + "/lapic").then().statusCode(200);

    // Periodic, vector 65, every second.
    io(vcpu, "{\"lapic\":800,\"value\":131137}");
    io(vcpu, "{\"lapic\":896,\"value\":500000000}");
    advance("PT0.999S");
    call().get(vcpu + "/lapic").then().body("irr", empty());
    advance("PT0.001S");
    call().get(vcpu + "/lapic").then().body("irr", contains(65));
    call()
        .get(VIRTUAL + "/clock")
        .then()
        .body("kind", equalTo("VIRTUAL"))
        .body("nanos", equalTo(1_000_000_000));

    // A deadline of the counter, which counts nanoseconds.
    call().post(vcpu + "/ack").then().body("vector", equalTo(65));
    io(vcpu, "{\"lapic\":800,\"value\":262209}");
    io(vcpu, "{\"msr\":1760,\"value\":1500000000}");
    advance("PT0.5S");
    call().get(vcpu + "/lapic").then().body("irr", contains(65));
    call("{\"msr\":1760}").post(vcpu + "/io").then().body("value", equalTo(0));

    hostile("{\"by\":\"PT-1S\"}").post(VIRTUAL + "/clock/advance").then().statusCode(400);
    hostile("{\"features\":[]}").put(vcpu + "/cpuid").then().statusCode(400);
    hostile("{\"msr\":16}").post(vcpu + "/io").then().statusCode(400);
  }

  private void io(String vcpu, String access) {
    call(access).post(vcpu + "/io").then().statusCode(200).body("handled", equalTo(true));
  }

  private void advance(String by) {
    call("{\"by\":\"" + by + "\"}").post(VIRTUAL + "/clock/advance").then().statusCode(200);
  }

  @Test
  void aRealClockGoesByItselfAndCannotBeMoved() {
    call()
        .get(sandbox + "/clock")
        .then()
        .body("kind", equalTo("REAL"))
        .body("nanos", instanceOf(Number.class));
    hostile("{\"by\":\"PT1S\"}")
        .post(sandbox + "/clock/advance")
        .then()
        .statusCode(403)
        .body("errno", equalTo("EPERM"));
  }
}
