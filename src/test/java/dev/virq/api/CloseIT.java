package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;

import io.restassured.response.Response;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Closes on both sides: settled, still going, held; a second one finds nothing. */
class CloseIT extends OverHttp {

  @Test
  void eventfdCloseEndsTheBinding() {
    bound();

    call()
        .delete(sandbox + "/eventfds/3?timeout=PT30S")
        .then()
        .statusCode(200)
        .body("settled", equalTo(true))
        .body("lastReference", equalTo(true))
        .body("released", contains("irqfd-1"))
        .body("vmRefsDropped", equalTo(1))
        .body("vmFreed", empty());

    call().get(sandbox + "/irqfds/irqfd-1").then().body("state", equalTo("FREED"));
    call().get(sandbox + "/vms/vm-1/irqfds").then().body("items", empty());
    call().get(sandbox + "/vms/vm-1/irqfds?state=FREED").then().body("items", hasSize(1));
    call().delete(sandbox + "/eventfds/3").then().statusCode(404).body("errno", equalTo("EBADF"));
  }

  @Test
  void vmCloseLeavesTheEventfdFree() {
    bound();

    call()
        .delete(sandbox + "/vms/vm-1?timeout=PT30S")
        .then()
        .statusCode(200)
        .body("released", contains("irqfd-1"))
        .body("vmRefsDropped", equalTo(2))
        .body("vmFreed", contains("vm-1"));

    call().delete(sandbox + "/vms/vm-1").then().statusCode(404).body("errno", equalTo("EBADF"));
    call("{}").post(sandbox + "/vms").then().body("id", equalTo("vm-2"));
    call("{\"eventfd\":\"efd-1\",\"gsi\":6}")
        .post(sandbox + "/vms/vm-2/irqfds")
        .then()
        .statusCode(201);
  }

  @Test
  void closeBehindAHeldReaderIsAcceptedAndNamesIt() {
    held();

    call()
        .delete(sandbox + "/eventfds/3?timeout=PT30S")
        .then()
        .statusCode(202)
        .body("settled", equalTo(false))
        .body("heldBy.breakpoint", contains("bp-1"))
        .body("pending.id", contains("efd-1"));

    call().post(sandbox + "/breakpoints/bp-1/release").then().statusCode(200);
    call("{\"for\":\"released\",\"irqfd\":\"irqfd-1\",\"timeout\":\"PT30S\"}")
        .post(sandbox + "/wait")
        .then()
        .statusCode(200);
    call().get(sandbox + "/signals/sig-1").then().body("outcome", equalTo("INJECTED"));
  }

  @Test
  void whatACloseTookCanBeReadThoughNobodyWaitedForIt() {
    held();
    call().delete(sandbox + "/vms/vm-1?wait=none").then().statusCode(202);

    // A figure that is not known yet is absent, not 0.
    call()
        .get(sandbox + "/vms/vm-1")
        .then()
        .body("state", equalTo("CLOSING"))
        .body("$", not(hasKey("waitedForReaders")));
    call()
        .get(sandbox + "/irqfds/irqfd-1")
        .then()
        .body("$", not(hasKey("waitedForReaders")))
        .body("srcu.begun", contains(1, 0))
        .body("srcu.ended", contains(0, 0));

    call().post(sandbox + "/breakpoints/bp-1/release").then().statusCode(200);
    settled();
    for (String path : List.of("/vms/vm-1", "/irqfds/irqfd-1")) {
      Response ended = call().get(sandbox + path);
      ended.then().body("waitedForReaders", equalTo(1)).body("$", hasKey("flushNanos"));
      ended.then().body("$", not(hasKey("srcu")));
      // An int or a long, as long as it took.
      assertThat(ended.jsonPath().getLong("gracePeriodNanos")).isPositive();
    }
  }

  @Test
  void theCloseOfAnEventfdFlushesAndFindsNoReader() {
    held();
    call().delete(sandbox + "/eventfds/3?wait=none").then().statusCode(202);
    call().post(sandbox + "/breakpoints/bp-1/release").then().statusCode(200);
    settled();

    Response ended = call().get(sandbox + "/irqfds/irqfd-1");
    ended.then().body("state", equalTo("FREED")).body("waitedForReaders", equalTo(0));
    assertThat(ended.jsonPath().getLong("flushNanos")).isPositive();
  }

  @Test
  void deassignUnbindsOnceAndThenFindsNothing() {
    bound();
    String deassign = sandbox + "/vms/vm-1/irqfds/deassign?timeout=PT30S";

    call("{\"fd\":3,\"gsi\":6}").post(deassign).then().statusCode(200).body("released", equalTo(0));
    call("{\"fd\":3,\"gsi\":5}").post(deassign).then().statusCode(200).body("released", equalTo(1));
    call("{\"fd\":3,\"gsi\":5}").post(deassign).then().statusCode(200).body("released", equalTo(0));

    call()
        .delete(sandbox + "/vms/vm-1/irqfds/irqfd-1")
        .then()
        .statusCode(404)
        .body("errno", equalTo("ENOENT"));
  }
}
