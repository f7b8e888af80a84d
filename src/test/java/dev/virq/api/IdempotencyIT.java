package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A POST with an Idempotency-Key that is sent again is answered again, and not made again. */
class IdempotencyIT extends OverHttp {
  private static final String KEY = "Idempotency-Key";
  private static final String REPLAYED = "Idempotency-Replayed";

  private static final Executor EACH_ON_ITS_OWN = task -> Thread.ofVirtual().start(task);

  private RequestSpecification keyed(String key, String body) {
    return call(body).header(KEY, key);
  }

  private RequestSpecification refused(String key, String body) {
    return hostile(body).header(KEY, key);
  }

  private void isReplayed(Response first, Response again) {
    assertThat(again.statusCode()).isEqualTo(first.statusCode());
    assertThat(again.asString()).isEqualTo(first.asString());
    assertThat(again.header(REPLAYED)).isEqualTo("true");
    assertThat(first.header(REPLAYED)).isNull();
    for (String header : new String[] {"Location", "Sandbox-Uid", "Content-Type", "ETag"}) {
      assertThat(again.header(header)).as(header).isEqualTo(first.header(header));
    }
  }

  @Test
  void theSameCallIsAnsweredAgainAndNotMadeAgain() {
    Response first = keyed("key-vm-01", "{}").post(sandbox + "/vms");
    Response again = keyed("key-vm-01", "{}").post(sandbox + "/vms");

    first.then().statusCode(201).body("id", equalTo("vm-1"));
    isReplayed(first, again);
    call().get(sandbox + "/vms").then().body("items", hasSize(1));
    keyed("key-vm-02", "{}").post(sandbox + "/vms").then().body("id", equalTo("vm-2"));
  }

  @Test
  void aRefusalIsAnsweredAgainEvenIfItWouldBeNoneNow() {
    call("{}").post(sandbox + "/eventfds").then().statusCode(201);
    String assign = "{\"fd\":3,\"gsi\":5}";
    Response first = keyed("key-irqfd", assign).post(sandbox + "/vms/vm-1/irqfds");
    call("{}").post(sandbox + "/vms").then().statusCode(201);

    first.then().statusCode(404);
    isReplayed(first, keyed("key-irqfd", assign).post(sandbox + "/vms/vm-1/irqfds"));
  }

  @Test
  void anotherBodyPathOrQueryIsRefused() {
    keyed("key-signal", "{\"initval\":\"1\"}").post(sandbox + "/eventfds").then().statusCode(201);

    refused("key-signal", "{\"initval\":\"2\"}")
        .post(sandbox + "/eventfds")
        .then()
        .statusCode(422)
        .body("errno", equalTo("EINVAL"))
        .body("idempotencyKey", equalTo("key-signal"));
    refused("key-signal", "{\"initval\":\"1\"}").post(sandbox + "/vms").then().statusCode(422);
    refused("key-signal", "{\"initval\":\"1\"}")
        .post(sandbox + "/eventfds?pageSize=1")
        .then()
        .statusCode(422);
    call().get(sandbox + "/eventfds").then().body("items", hasSize(1));
  }

  @Test
  void oneThatIsUnderWayIsNotMadeBesides() throws Exception {
    bound();
    call("{\"point\":\"inject.dereferenced\"}")
        .post(sandbox + "/breakpoints")
        .then()
        .statusCode(201);
    String path = sandbox + "/wait";
    String body = "{\"for\":\"injected\",\"vm\":\"vm-1\",\"gsi\":5,\"timeout\":\"PT1M\"}";
    CompletableFuture<Response> first =
        CompletableFuture.supplyAsync(() -> keyed("key-wait", body).post(path), EACH_ON_ITS_OWN);
    CompletableFuture<Response> second =
        CompletableFuture.supplyAsync(() -> refused("key-wait", body).post(path), EACH_ON_ITS_OWN);

    // Whichever comes first waits, and the other one is refused at once.
    Response other = (Response) CompletableFuture.anyOf(first, second).get(1, TimeUnit.MINUTES);
    other.then().statusCode(409).body("errno", equalTo("EAGAIN"));
    call().post(sandbox + "/eventfds/3/signal").then().statusCode(200);
    call("{\"for\":\"parked\",\"breakpoint\":\"bp-1\",\"timeout\":\"PT30S\"}")
        .post(path)
        .then()
        .statusCode(200);
    call().post(sandbox + "/breakpoints/bp-1/release").then().statusCode(200);
    Response made =
        (first.get(1, TimeUnit.MINUTES).equals(other) ? second : first).get(1, TimeUnit.MINUTES);
    made.then().statusCode(200).body("met", equalTo(true));
    isReplayed(made, keyed("key-wait", body).post(path));
  }

  @Test
  void whatTimedOutMayBeTriedAgain() {
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    String body = "{\"for\":\"injected\",\"vm\":\"vm-1\",\"gsi\":5,\"timeout\":\"PT0.001S\"}";

    keyed("key-late", body).post(sandbox + "/wait").then().statusCode(504);
    Response again = keyed("key-late", body).post(sandbox + "/wait");

    again.then().statusCode(504);
    assertThat(again.header(REPLAYED)).isNull();
  }

  @Test
  void whatAHeaderHadRefusedMayBeTriedWithAnother() {
    hostile()
        .contentType("text/plain")
        .body("{}")
        .header(KEY, "key-header")
        .post(sandbox + "/vms")
        .then()
        .statusCode(415);
    refused("key-header", "{}").accept("image/png").post(sandbox + "/vms").then().statusCode(406);
    Response made = keyed("key-header", "{}").post(sandbox + "/vms");
    made.then().statusCode(201);

    refused("key-header", "{}")
        .header("If-Match", "\"00000000-0000-4000-8000-000000000000\"")
        .post(sandbox + "/vms")
        .then()
        .statusCode(412)
        .header(REPLAYED, (String) null);
    isReplayed(made, keyed("key-header", "{}").post(sandbox + "/vms"));
  }

  @Test
  void whatWasRefusedForWantOfRoomMayBeTriedAgain() {
    String small = sandbox + "-small";
    call("{\"limits\":{\"vms\":1}}").put(small).then().statusCode(201);
    call("{}").post(small + "/vms").then().statusCode(201);
    keyed("key-room", "{}").post(small + "/vms").then().statusCode(409);
    call().delete(small + "/vms/vm-1").then().statusCode(200);

    keyed("key-room", "{}")
        .post(small + "/vms")
        .then()
        .statusCode(201)
        .header(REPLAYED, (String) null);
  }

  @Test
  void aScriptThatWasEndedInItsMiddleIsNotRunAgain() {
    String hasty = sandbox + "-hasty";
    call("{\"limits\":{\"wait\":\"PT0.001S\"}}").put(hasty).then().statusCode(201);
    call("{\"point\":\"inject.dereferenced\",\"action\":\"DELAY\",\"delay\":\"PT1M\"}")
        .post(hasty + "/breakpoints")
        .then()
        .statusCode(201);
    String script =
        """
        vm_create v0
        irqchip_create v0
        eventfd_create e0 0
        irqfd_assign v0 e0 5
        eventfd_write e0 1
        vm_create v1
        """;

    Response first = script(hasty, script);

    first
        .then()
        .statusCode(504)
        .body("errno", equalTo("ETIMEDOUT"))
        .body("line", equalTo(5))
        .body("done", equalTo(5));
    isReplayed(first, script(hasty, script));
    call().get(hasty + "/vms").then().body("items", hasSize(1));
    call().delete(hasty).then().statusCode(200);
  }

  private Response script(String path, String script) {
    return call()
        .contentType("text/plain")
        .body(script)
        .header(KEY, "key-hasty")
        .post(path + "/scripts?keep=true");
  }

  @Test
  void aRefusalSaysWhyInItsStatusLineEachTime() {
    String path = sandbox + "/vms/vm-7/irqfds";
    String assign = "{\"fd\":3,\"gsi\":5}";
    Response first = keyed("key-reason", assign).post(path);
    Response again = keyed("key-reason", assign).post(path);

    assertThat(first.statusLine()).contains("404 ENOENT: ");
    assertThat(again.statusLine()).isEqualTo(first.statusLine());
  }

  @Test
  void keysAreOfTheirSandboxAndOutliveItsReset() {
    call("{}").put(sandbox + "-b").then().statusCode(201);
    Response first = keyed("key-reset", "{}").post(sandbox + "/reset");
    keyed("key-reset", "{}")
        .post(sandbox + "-b/reset")
        .then()
        .statusCode(200)
        .header(REPLAYED, (String) null);

    isReplayed(first, keyed("key-reset", "{}").post(sandbox + "/reset"));
    call().delete(sandbox).then().statusCode(200);
    call("{}").put(sandbox).then().statusCode(201);
    keyed("key-reset", "{}")
        .post(sandbox + "/reset")
        .then()
        .statusCode(200)
        .header(REPLAYED, (String) null);
  }

  @Test
  void aScriptIsRunOnce() {
    String script = "vm_create v0\n";
    RequestSpecification run =
        call().contentType("text/plain").body(script).header(KEY, "key-script");
    Response first = run.post(sandbox + "/scripts?keep=true");

    isReplayed(
        first,
        call()
            .contentType("text/plain")
            .body(script)
            .header(KEY, "key-script")
            .post(sandbox + "/scripts?keep=true"));
    call().get(sandbox + "/vms").then().body("items", hasSize(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"short", "1234567", "tab\tin-the-key"})
  void whatIsNoKeyIsRefused(String key) {
    refused(key, "{}").post(sandbox + "/vms").then().statusCode(400);
    call().get(sandbox + "/vms").then().body("items", hasSize(0));
  }

  @Test
  void whereNoKeyCanBeKeptItIsRefusedWithTheWayOut() {
    refused("key-sandbox", "{}")
        .post("/v1/sandboxes")
        .then()
        .statusCode(400)
        .body("detail", containsString("PUT /v1/sandboxes/NAME"));
    hostile()
        .contentType("application/x-ndjson")
        .body("{\"eventfd\":\"efd-1\"}\n".getBytes(StandardCharsets.UTF_8))
        .header(KEY, "key-lines")
        .post(sandbox + "/signals")
        .then()
        .statusCode(400)
        .body("detail", containsString("application/json"));
    refused("key-" + "x".repeat(125), "{}").post(sandbox + "/vms").then().statusCode(400);
    refused("key-nobody", "{}").post("/v1/sandboxes/nobody/vms").then().statusCode(404);
  }

  @Test
  void aBodyIsCheckedWithAKeyAsWithoutOne() {
    refused("key-bad-1", "{bad").post(sandbox + "/vms").then().statusCode(400);
    refused("key-long-1", "{\"name\":\"" + "x".repeat(2 << 20) + "\"}")
        .post(sandbox + "/vms")
        .then()
        .statusCode(413)
        .body("errno", equalTo("E2BIG"));
  }
}
