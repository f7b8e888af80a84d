package dev.virq.api;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import org.junit.jupiter.api.Test;

/** An interrupt storm is slowed down, by the clock of its sandbox. */
class StormIT extends OverHttp {
  private static final String VIRTUAL = "/v1/sandboxes/storm-virtual";
  private static final String VM = VIRTUAL + "/vms/vm-1";
  private static final String SERVE = VM + "/vcpus/0/serve";

  @Test
  void afterTenThousandEndsTheNextDeliveryWaits() {
    call("{\"clock\":\"VIRTUAL\"}").put(VIRTUAL).then().statusCode(201);
    call("{}").post(VIRTUAL + "/vms").then().statusCode(201);
    call("{\"id\":0}").post(VM + "/vcpus").then().statusCode(201);
    call("{\"svr\":511}").put(VM + "/vcpus/0/lapic").then().statusCode(200);
    call("{\"vector\":65,\"triggerMode\":\"LEVEL\",\"mask\":false}")
        .put(VM + "/irqchip/ioapic/pins/16")
        .then()
        .statusCode(200);
    call("{\"level\":1}").put(VM + "/gsis/16/line").then().statusCode(200);

    call("{\"times\":20000}")
        .post(SERVE)
        .then()
        .statusCode(200)
        .body("times", equalTo(10_000))
        .body("nmis", equalTo(0));
    pending(0);
    call("{\"by\":\"PT0.009999999S\"}").post(VIRTUAL + "/clock/advance").then().statusCode(200);
    pending(0);
    call("{\"by\":\"PT0.000000001S\"}").post(VIRTUAL + "/clock/advance").then().statusCode(200);
    pending(1);
    call("{\"times\":3}").post(SERVE).then().body("times", equalTo(3));

    hostile("{\"times\":20001}")
        .post(SERVE)
        .then()
        .statusCode(400)
        .body("detail", containsString("20001"));
    hostile("{\"times\":0}").post(SERVE).then().statusCode(400);
    hostile("{}").post(SERVE).then().statusCode(400);
    hostile("{\"times\":1}").post(VM + "/vcpus/7/serve").then().statusCode(404);
    call().delete(VIRTUAL).then().statusCode(200);
  }

  private void pending(int vectors) {
    call().get(VM + "/vcpus/0/lapic").then().body("irr", vectors == 0 ? empty() : hasSize(vectors));
  }
}
