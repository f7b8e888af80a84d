package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;

import dev.virq.sandbox.Sandboxes;
import dev.virq.trace.Tracepoint;
import io.restassured.response.Response;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;

/** A sandbox's life: made, made again, reset, expired, listed. */
@Import(ManualLeases.class)
class SandboxIT extends OverHttp {
  @Autowired private ManualLeases clock;
  @Autowired private Sandboxes sandboxes;

  @Test
  void puttingTheSameSettingsAgainFindsTheSandbox() {
    call("{\"ttl\":\"PT10M\",\"workers\":4}").put(sandbox).then().statusCode(200);
    call("{\"workers\":2}").put(sandbox).then().statusCode(409).body("errno", equalTo("EEXIST"));
    hostile("{\"name\":\"other\"}")
        .put(sandbox)
        .then()
        .statusCode(400)
        .body("errors.pointer", contains("/name"));
    call("{\"name\":\"" + name + "\"}").post("/v1/sandboxes").then().statusCode(409);
  }

  @Test
  void anyCallRenewsTheLeaseAndSilenceEndsIt() {
    long ttl = Duration.ofMinutes(10).toNanos();

    clock.nanos.addAndGet(ttl - 1);
    call().get(sandbox).then().statusCode(200);
    clock.nanos.addAndGet(ttl - 1);
    sandboxes.expireLeases();
    call().get(sandbox + "/stats").then().statusCode(200);
    clock.nanos.addAndGet(ttl);
    sandboxes.expireLeases();

    call().get(sandbox).then().statusCode(404).body("errno", equalTo("ENOENT"));
    call().get("/v1/sandboxes/default").then().statusCode(200).body("$", not(hasKey("expiresAt")));
  }

  @Test
  void resetReportsLeaksAndStartsNumbersAgain() {
    held();
    int before = call().get(sandbox).then().extract().path("seq");

    Response report = call("{\"keepBreakpoints\":false}").post(sandbox + "/reset");

    report
        .then()
        .statusCode(200)
        .body("leaked.vms", contains("vm-1"))
        .body("leaked.eventfds", contains("efd-1"))
        .body("leaked.irqfds", contains("irqfd-1"))
        .body("leaked.breakpoints", contains("bp-1"));
    assertThat(report.jsonPath().getInt("seq")).isGreaterThan(before);
    call("{}").post(sandbox + "/vms").then().body("id", equalTo("vm-1"));
    call().delete(sandbox + "/vms/vm-1?timeout=PT30S").then().statusCode(200);
    call()
        .delete(sandbox)
        .then()
        .statusCode(200)
        .body("leaked.vms", empty())
        .body("leaked.eventfds", empty())
        .body("leaked.irqfds", empty())
        .body("leaked.breakpoints", empty());
  }

  @Test
  void resetCancelsWhoWaits() throws Exception {
    bound();
    CompletableFuture<Response> waiting =
        CompletableFuture.supplyAsync(() ->
            call("{\"for\":\"injected\",\"vm\":\"vm-1\",\"gsi\":5,\"timeout\":\"PT1M\"}")
                .post(sandbox + "/wait"));
    CompletableFuture<Response> reading =
        CompletableFuture.supplyAsync(() -> call().post(sandbox + "/eventfds/3/read?timeout=PT1M"));

    // Whether they wait already or come later: the old objects refuse, the new sandbox has none.
    call().post(sandbox + "/reset").then().statusCode(200);

    assertThat(waiting.get(1, TimeUnit.MINUTES).jsonPath().getString("errno"))
        .isIn("ECANCELED", "ENOENT");
    assertThat(reading.get(1, TimeUnit.MINUTES).jsonPath().getString("errno"))
        .isIn("ECANCELED", "EBADF");
  }

  @Test
  void pagesFollowEachOtherToTheEnd() {
    for (int i = 0; i < 5; i++) {
      call("{}").post(sandbox + "/eventfds").then().statusCode(201);
    }

    String first =
        call()
            .get(sandbox + "/eventfds?pageSize=2")
            .then()
            .body("items.id", contains("efd-1", "efd-2"))
            .extract()
            .path("nextPageToken");
    String second =
        call()
            .get(sandbox + "/eventfds?pageSize=2&pageToken=" + first)
            .then()
            .body("items.id", contains("efd-3", "efd-4"))
            .extract()
            .path("nextPageToken");
    call()
        .get(sandbox + "/eventfds?pageSize=2&pageToken=" + second)
        .then()
        .body("items.id", contains("efd-5"))
        .body("$", not(hasKey("nextPageToken")));
    call().get(sandbox + "/vms?pageToken=" + first).then().statusCode(400);
    hostile().get(sandbox + "/eventfds?pageSize=1001").then().statusCode(400);
  }

  @Test
  void labelsFilterTheList() {
    call("{\"labels\":{\"rig\":\"" + name + "\"}}").put(sandbox + "-b").then().statusCode(201);

    call()
        .queryParam("label", "rig=" + name)
        .get("/v1/sandboxes")
        .then()
        .body("items", hasSize(1))
        .body("items[0].name", equalTo(name + "-b"));
  }

  @Test
  void everyPointOfTheCatalogueIsListed() {
    long points = Arrays.stream(Tracepoint.values()).filter(p -> p.pointName() != null).count();

    call().get("/v1/points").then().body("items", hasSize((int) points));
  }
}
