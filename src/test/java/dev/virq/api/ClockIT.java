package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;

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

    // The one past it, in two halves: about four and a half seconds.
    io(vcpu, "{\"msr\":1760,\"value\":205032705,\"high\":1}");
    call("{\"msr\":1760}")
        .post(vcpu + "/io")
        .then()
        .body("value", equalTo(205_032_705))
        .body("high", equalTo(1));

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

  /** The mode bits of the local vector are those that a CPUID table allows. */
  @Test
  void whatATimerCanDoIsWhatTheCpuidTableOfItsVcpuHas() {
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    String vcpus = sandbox + "/vms/vm-1/vcpus";
    call("{\"id\":0}").post(vcpus).then().statusCode(201);
    call("{\"id\":1,\"cpuid\":[]}").post(vcpus).then().statusCode(201);
    call("{\"id\":2,\"cpuid\":[\"TSC_DEADLINE\"]}").post(vcpus).then().statusCode(201);
    call("{\"id\":3}").post(vcpus).then().statusCode(201);
    call("{\"features\":[]}").put(vcpus + "/3/cpuid").then().statusCode(200);

    assertThat(modes(vcpus + "/0")).isZero();
    assertThat(modes(vcpus + "/1")).isEqualTo(1);
    assertThat(modes(vcpus + "/2")).isEqualTo(3);
    assertThat(modes(vcpus + "/3")).isEqualTo(1);
    call("{\"features\":[]}").put(vcpus + "/3/cpuid").then().statusCode(400);
  }

  /** Of both bits, those that stay: 1 periodic, 2 up to a deadline. */
  private int modes(String vcpu) {
    io(vcpu, "{\"lapic\":800,\"value\":393281}");
    int vector = call("{\"lapic\":800}").post(vcpu + "/io").then().extract().path("value");
    return vector >> 17;
  }

  @Test
  void aRealClockGoesByItselfAndCannotBeMoved() {
    long before = realNanos();
    assertThat(before).isNotNegative();
    assertThat(realNanos()).isGreaterThan(before);
    hostile("{\"by\":\"PT1S\"}")
        .post(sandbox + "/clock/advance")
        .then()
        .statusCode(403)
        .body("errno", equalTo("EPERM"));
  }

  private long realNanos() {
    return call()
        .get(sandbox + "/clock")
        .then()
        .body("kind", equalTo("REAL"))
        .extract()
        .jsonPath()
        .getLong("nanos");
  }
}
