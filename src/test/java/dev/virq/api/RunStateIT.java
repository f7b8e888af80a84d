package dev.virq.api;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import org.junit.jupiter.api.Test;

/** Whether a vCPU runs, and its NMIs, over HTTP. */
class RunStateIT extends OverHttp {
  private String vcpu() {
    return sandbox + "/vms/vm-1/vcpus/1";
  }

  private void machine(String vm) {
    call(vm).post(sandbox + "/vms").then().statusCode(201);
    call("{\"id\":1}")
        .post(sandbox + "/vms/vm-1/vcpus")
        .then()
        .statusCode(201)
        .body("nmiMasked", equalTo(false));
  }

  private void halt() {
    call("{\"runState\":\"HALTED\"}")
        .put(vcpu() + "/run-state")
        .then()
        .statusCode(200)
        .body("runState", equalTo("HALTED"));
  }

  @Test
  void aHaltedVcpuWakesByAnInterrupt() {
    machine("{}");
    call("{\"svr\":511}").put(vcpu() + "/lapic").then().statusCode(200);
    halt();

    hostile()
        .post(vcpu() + "/wake")
        .then()
        .statusCode(409)
        .body("errno", equalTo("EAGAIN"))
        .body("detail", containsString("vCPU 1 is halted"));
    call("{\"address\":4276097024,\"data\":65}")
        .post(sandbox + "/vms/vm-1/msi")
        .then()
        .statusCode(200);
    hostile().post(vcpu() + "/eoi").then().statusCode(409).body("errno", equalTo("EAGAIN"));
    call().post(vcpu() + "/wake").then().statusCode(200).body("runState", equalTo("RUNNABLE"));
    call().post(vcpu() + "/wake").then().statusCode(200);
    call().post(vcpu() + "/ack").then().body("vector", equalTo(65));
    call().post(vcpu() + "/eoi").then().body("vector", equalTo(65));
  }

  @Test
  void aHaltedVcpuTakesAnNmiInItsNextAccess() {
    machine("{}");
    halt();

    call().post(vcpu() + "/nmi").then().body("runState", equalTo("HALTED"));
    call().post(vcpu() + "/eoi").then().statusCode(200).body("nmis", equalTo(1));

    call().get(vcpu()).then().body("runState", equalTo("RUNNABLE"));
  }

  @Test
  void everyRunStateCanBeSetAndOthersAreRefusedByName() {
    machine("{}");
    for (String state : new String[] {"UNINITIALIZED", "PARKED", "HALTED", "AP_RESET_HOLD"}) {
      call("{\"runState\":\"" + state + "\"}")
          .put(vcpu() + "/run-state")
          .then()
          .statusCode(200)
          .body("runState", equalTo(state));
      hostile().post(vcpu() + "/eoi").then().statusCode(409).body("errno", equalTo("EAGAIN"));
    }
    call("{\"runState\":\"SIPI_RECEIVED\"}")
        .put(vcpu() + "/run-state")
        .then()
        .body("runState", equalTo("RUNNABLE"));

    hostile("{\"runState\":\"STOPPED\"}")
        .put(vcpu() + "/run-state")
        .then()
        .statusCode(400)
        .body("detail", containsString("STOPPED"));
    hostile("{}").put(vcpu() + "/run-state").then().statusCode(400);
    hostile("{\"runState\":\"HALTED\"}")
        .put(sandbox + "/vms/vm-1/vcpus/2/run-state")
        .then()
        .statusCode(404)
        .body("errno", equalTo("ENOENT"));
  }

  @Test
  void withoutALocalApicAVcpuCanOnlyRun() {
    machine("{\"irqchip\":\"NONE\"}");
    call("{\"runState\":\"RUNNABLE\"}").put(vcpu() + "/run-state").then().statusCode(200);

    hostile("{\"runState\":\"HALTED\"}")
        .put(vcpu() + "/run-state")
        .then()
        .statusCode(400)
        .body("errno", equalTo("EINVAL"))
        .body("detail", containsString("HALTED"));
    call("{\"nmiPending\":2,\"nmiMasked\":true}")
        .put(vcpu() + "/nmi")
        .then()
        .statusCode(200)
        .body("nmiPending", equalTo(1))
        .body("nmiMasked", equalTo(true));
  }

  @Test
  void maskedNmisStayPending() {
    machine("{}");
    call("{\"nmiPending\":255}")
        .put(vcpu() + "/nmi")
        .then()
        .body("nmiPending", equalTo(2))
        .body("nmiMasked", equalTo(false));

    call("{\"nmiMasked\":true}").put(vcpu() + "/nmi").then().body("nmiPending", equalTo(1));
    call().post(vcpu() + "/eoi").then().body("nmis", equalTo(0));
    call("{\"nmiMasked\":false}").put(vcpu() + "/nmi").then().body("nmiPending", equalTo(1));
    call().post(vcpu() + "/eoi").then().body("nmis", equalTo(1));

    hostile("{\"nmiPending\":256}")
        .put(vcpu() + "/nmi")
        .then()
        .statusCode(400)
        .body("detail", containsString("256"));
  }

  @Test
  void aSnapshotKeepsThem() {
    machine("{}");
    call("{\"nmiPending\":1,\"nmiMasked\":true}").put(vcpu() + "/nmi").then().statusCode(200);
    halt();

    call()
        .get(sandbox + "/snapshot")
        .then()
        .statusCode(200)
        .body("vms[0].chips.vcpus[0].runState", equalTo("HALTED"))
        .body("vms[0].chips.vcpus[0].nmis", equalTo(1))
        .body("vms[0].chips.vcpus[0].nmiMasked", equalTo(true))
        .body("vms[0].chips.vcpus[0].nmiNews", equalTo(true));
  }
}
