package dev.virq.api;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import org.junit.jupiter.api.Test;

/** The PIT over HTTP, by the clock of its sandbox. */
class PitIT extends OverHttp {
  private static final String VIRTUAL = "/v1/sandboxes/pit-virtual";
  private static final String VM = VIRTUAL + "/vms/vm-1";
  private static final String PIT = VM + "/pit";

  @Test
  void ticksAreInjectedAndMadeUpFor() {
    call("{\"clock\":\"VIRTUAL\"}").put(VIRTUAL).then().statusCode(201);
    call("{}").post(VIRTUAL + "/vms").then().statusCode(201);
    call("{\"id\":0}").post(VM + "/vcpus").then().statusCode(201);
    call("{\"svr\":511}").put(VM + "/vcpus/0/lapic").then().statusCode(200);
    call("{\"vector\":80,\"mask\":false}").put(VM + "/irqchip/ioapic/pins/0");
    hostile().get(PIT).then().statusCode(409).body("errno", equalTo("ENXIO"));
    hostile("{\"flags\":0}").put(PIT + "/state").then().statusCode(409);

    call("{\"speaker\":true}")
        .put(PIT)
        .then()
        .statusCode(200)
        .body("channels", hasSize(3))
        .body("channels[0].count", equalTo(65_536))
        .body("channels[0].mode", equalTo(255))
        .body("speaker", equalTo(true))
        .body("reinject", equalTo(true));
    hostile("{}").put(PIT).then().statusCode(409).body("errno", equalTo("EEXIST"));

    // Mode 2, 11932: every 10 ms and a little.
    out(67, 0x34);
    out(64, 11_932 & 0xff);
    out(64, 11_932 >> 8);
    call().get(PIT).then().body("channels[0].mode", equalTo(2));
    pending(0);
    advance("PT0.021S");
    pending(1);
    serves(2);

    call("{\"reinject\":false}")
        .put(PIT + "/reinjection")
        .then()
        .statusCode(200)
        .body("reinject", equalTo(false));
    advance("PT0.05S");
    serves(1);

    call("{\"channels\":[{\"mode\":5},{},{\"count\":7}]}")
        .put(PIT + "/state")
        .then()
        .statusCode(200)
        .body("channels[0].mode", equalTo(5))
        .body("channels[2].count", equalTo(7));
    advance("PT1S");
    pending(0);

    hostile("{\"channels\":[{}]}").put(PIT + "/state").then().statusCode(400);
    hostile("{\"channels\":[{},{\"mode\":256},{}]}")
        .put(PIT + "/state")
        .then()
        .statusCode(400)
        .body("detail", containsString("256"));
    hostile("{}").put(PIT + "/reinjection").then().statusCode(400);
    call().delete(VIRTUAL).then().statusCode(200);
  }

  @Test
  void aSplitControllerTakesNone() {
    call("{\"irqchip\":\"NONE\"}").post(sandbox + "/vms").then().statusCode(201);
    String pit = sandbox + "/vms/vm-1/pit";
    hostile("{}").put(pit).then().statusCode(404).body("errno", equalTo("ENOENT"));
    call("{\"kind\":\"SPLIT\",\"reservedPins\":24}")
        .put(sandbox + "/vms/vm-1/irqchip")
        .then()
        .statusCode(201);
    hostile("{}").put(pit).then().statusCode(404).body("errno", equalTo("ENOENT"));
    hostile().get(pit).then().statusCode(409).body("errno", equalTo("ENXIO"));
  }

  /** One after the other: what is made up for is injected after the end. */
  private void serves(int times) {
    for (int i = 0; i < times; i++) {
      call().post(VM + "/vcpus/0/ack").then().body("vector", equalTo(80));
      call().post(VM + "/vcpus/0/eoi").then().body("vector", equalTo(80));
    }
    pending(0);
  }

  private void out(int port, int value) {
    call("{\"port\":%d,\"value\":%d}".formatted(port, value))
        .post(VM + "/vcpus/0/io")
        .then()
        .statusCode(200)
        .body("handled", equalTo(true));
  }

  private void advance(String by) {
    call("{\"by\":\"" + by + "\"}").post(VIRTUAL + "/clock/advance").then().statusCode(200);
  }

  private void pending(int vectors) {
    call().get(VM + "/vcpus/0/lapic").then().body("irr", vectors == 0 ? empty() : hasSize(vectors));
  }
}
