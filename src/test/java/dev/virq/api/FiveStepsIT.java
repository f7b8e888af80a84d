package dev.virq.api;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;

import org.junit.jupiter.api.Test;

/** The five steps of the 2009 patch, call by call as the README writes them. */
class FiveStepsIT extends OverHttp {

  @Test
  void vmLivesUntilTheReaderAtFourIsDone() {
    held();

    call()
        .delete(sandbox + "/vms/vm-1?wait=none")
        .then()
        .statusCode(202)
        .body("settled", equalTo(false));
    // Held from the moment of the close; the closer's own way to the grace period may take longer.
    String stage;
    do {
      stage =
          call("{\"for\":\"settled\"}")
              .post(sandbox + "/wait")
              .then()
              .statusCode(409)
              .body("errno", equalTo("EDEADLK"))
              .body("heldBy.breakpoint", contains("bp-1"))
              .body("heldBy.cpu", contains(0))
              .body("heldBy.signal", contains("sig-1"))
              .body("heldBy.holds", contains(hasItem("srcu-read#0")))
              .extract()
              .path("pending.find { it.kind == 'close' }.stage");
    } while (!stage.equals("GRACE"));
    call()
        .get(sandbox + "/vms/vm-1")
        .then()
        .body("state", equalTo("CLOSING"))
        .body("refs", equalTo(1));

    call().post(sandbox + "/breakpoints/bp-1/release").then().statusCode(200);

    call("{\"for\":\"settled\"}").post(sandbox + "/wait").then().statusCode(200);
    int end =
        call()
            .get(sandbox + "/signals/sig-1")
            .then()
            .body("outcome", equalTo("INJECTED"))
            .extract()
            .path("finalSeq");
    call()
        .get(sandbox + "/vms/vm-1")
        .then()
        .body("state", equalTo("RELEASED"))
        .body("refs", equalTo(0))
        .body("releasedSeq", greaterThan(end));
    call().delete(sandbox).then().statusCode(200).body("leaked.vms", empty());
  }
}
