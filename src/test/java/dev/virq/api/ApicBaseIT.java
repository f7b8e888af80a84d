package dev.virq.api;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import org.junit.jupiter.api.Test;

/** The APIC base of a vCPU and its x2APIC mode, over HTTP. */
class ApicBaseIT extends OverHttp {
  @Test
  void aVcpuIsPutIntoX2ApicModeAndAddressedByAllOfItsId() {
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    String vm = sandbox + "/vms/vm-1";
    call("{\"id\":300,\"cpuid\":[\"X2APIC\"]}").post(vm + "/vcpus").then().statusCode(201);
    String vcpu = vm + "/vcpus/300";
    call("{\"svr\":511}").put(vcpu + "/lapic").then().statusCode(200);

    call().get(vcpu + "/apic-base").then().body("x2apic", equalTo(false));
    call("{\"value\":4276096000}")
        .put(vcpu + "/apic-base")
        .then()
        .statusCode(200)
        .body("x2apic", equalTo(true))
        .body("enabled", equalTo(true))
        .body("boot", equalTo(false))
        .body("address", equalTo(4_276_092_928L));
    call("{\"msr\":2050}").post(vcpu + "/io").then().body("value", equalTo(300));
    call("{\"flags\":[\"USE_32BIT_IDS\"]}")
        .put(vm + "/x2apic-api")
        .then()
        .statusCode(200)
        .body("flags", contains("USE_32BIT_IDS"));
    call().get(vcpu + "/lapic").then().body("id", equalTo(300));

    // Bits 31 to 8 of the destination are bits 63 to 40 of the address.
    hostile("{\"address\":" + (1L << 32 | 0xfee2_c000L) + ",\"data\":65}")
        .post(vm + "/msi")
        .then()
        .statusCode(400)
        .body("detail", containsString("above 32"));
    call("{\"address\":" + (0x100L << 32 | 0xfee2_c000L) + ",\"data\":65}")
        .post(vm + "/msi")
        .then()
        .body("status", equalTo(1));
    call("{\"msr\":2111,\"value\":66}").post(vcpu + "/io").then().statusCode(200);
    call().get(vcpu + "/lapic").then().body("irr", contains(65, 66));
  }

  @Test
  void whatIsRefusedIsNamed() {
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    String vcpu = sandbox + "/vms/vm-1/vcpus/0";
    call("{\"id\":0}").post(sandbox + "/vms/vm-1/vcpus").then().statusCode(201);

    hostile("{\"value\":4276096000}")
        .put(vcpu + "/apic-base")
        .then()
        .statusCode(400)
        .body("errno", equalTo("EINVAL"))
        .body("detail", containsString("CPUID"));
    hostile("{\"msr\":2056}")
        .post(vcpu + "/io")
        .then()
        .statusCode(400)
        .body("detail", containsString("x2APIC mode only"));
  }
}
