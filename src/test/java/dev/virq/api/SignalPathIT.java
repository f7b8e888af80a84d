package dev.virq.api;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;

import org.junit.jupiter.api.Test;

/** From a write over HTTP to a raised line, and what the counters say of it. */
class SignalPathIT extends OverHttp {

  @Test
  void boundSignalIsInjectedAndCounted() {
    bound();

    call()
        .post(sandbox + "/eventfds/efd-1/signal?wait=settled&timeout=PT30S")
        .then()
        .statusCode(200)
        .body("id", equalTo("sig-1"))
        .body("outcome", equalTo("INJECTED"))
        .body("counterAfter", equalTo("0"))
        .body("injection.worker", notNullValue());

    call()
        .get(sandbox + "/vms/vm-1/gsis/5")
        .then()
        .body("routed", equalTo(true))
        .body("signalled", equalTo(1))
        .body("injected", equalTo(1))
        .body("pending", equalTo(0))
        .body("raises", equalTo(1))
        .body("lowers", equalTo(1));
    call()
        .get(sandbox + "/irqfds/irqfd-1")
        .then()
        .body("state", equalTo("ACTIVE"))
        .body("injected", equalTo(1))
        .body("inFlight", equalTo(0));
    call("{\"for\":\"injected\",\"vm\":\"vm-1\",\"gsi\":5,\"atLeast\":1,\"atMost\":1}")
        .post(sandbox + "/wait")
        .then()
        .statusCode(200)
        .body("observed.injected", equalTo(1));
  }

  @Test
  void unboundEventfdCountsInSixtyFourBits() {
    call("{\"initval\":\"4294967295\"}").post(sandbox + "/eventfds").then().statusCode(201);

    call("{\"value\":\"18446744069414584319\"}")
        .post(sandbox + "/eventfds/3/signal?wait=settled")
        .then()
        .statusCode(200)
        .body("outcome", equalTo("NOT_BOUND"))
        .body("counterAfter", equalTo("18446744073709551614"));
    hostile("{\"value\":1}")
        .post(sandbox + "/eventfds/3/signal")
        .then()
        .statusCode(409)
        .body("errno", equalTo("EAGAIN"))
        .body("counter", equalTo("18446744073709551614"));
    call()
        .post(sandbox + "/eventfds/3/read")
        .then()
        .statusCode(200)
        .body("value", equalTo("18446744073709551614"));
  }

  @Test
  void heldSignalIsAcceptedAndOpen() {
    held();

    call()
        .post(sandbox + "/eventfds/3/signal?wait=settled&timeout=PT30S")
        .then()
        .statusCode(202)
        .body("settled", equalTo(false))
        .body("$", not(hasKey("outcome")))
        .body("heldBy.breakpoint", contains("bp-1"))
        .body("pending", hasSize(1));

    call().post(sandbox + "/breakpoints/bp-1/release").then().statusCode(200);
    settled();
    call().get(sandbox + "/signals/sig-2").then().body("outcome", equalTo("INJECTED"));
  }

  @Test
  void descriptorNumbersAreReusedAndIdsAreNot() {
    call("{}").post(sandbox + "/eventfds").then().body("fds", contains(3));
    call().post(sandbox + "/eventfds/efd-1/dup").then().statusCode(201).body("fd", equalTo(4));
    call().delete(sandbox + "/eventfds/3").then().body("lastReference", equalTo(false));

    call("{}")
        .post(sandbox + "/eventfds")
        .then()
        .body("id", equalTo("efd-2"))
        .body("fds", contains(3));
    call().get(sandbox + "/eventfds/4").then().body("id", equalTo("efd-1"));
  }
}
