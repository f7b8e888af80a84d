package dev.virq.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import io.restassured.RestAssured;
import io.restassured.response.ValidatableResponse;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** {@code POST …/signals}: many writes in one request. */
class BulkIT extends OverHttp {

  private ValidatableResponse signals(String body) {
    return call(body).post(sandbox + "/signals").then();
  }

  private void twoEventfds() {
    call("{}").post(sandbox + "/eventfds").then().statusCode(201);
    call("{}").post(sandbox + "/eventfds").then().statusCode(201);
  }

  @Test
  void everyItemIsToldApart() {
    bound();

    signals(
            "{\"items\":[{\"eventfd\":\"efd-1\",\"value\":\"2\",\"repeat\":2},"
                + "{\"eventfd\":\"99\"},{\"eventfd\":\"3\"}],\"wait\":\"settled\"}")
        .statusCode(200)
        .body("accepted", equalTo(3))
        .body("failed", equalTo(1))
        .body("settled", equalTo(true))
        .body("results[0].signals.first", equalTo("sig-1"))
        .body("results[0].signals.last", equalTo("sig-2"))
        .body("results[1].signals", nullValue())
        .body("results[1].problem.errno", equalTo("EBADF"))
        .body("results[2].signals.first", equalTo("sig-3"));
  }

  @Test
  void totalsAreTheOutcomesOfThisCall() {
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    String items =
        IntStream.rangeClosed(1, 20)
            .mapToObj(i -> {
              call("{}").post(sandbox + "/eventfds").then().statusCode(201);
              call("{\"eventfd\":\"efd-%d\",\"gsi\":%d}".formatted(i, i))
                  .post(sandbox + "/vms/vm-1/irqfds")
                  .then()
                  .statusCode(201);
              return "{\"eventfd\":\"efd-" + i + "\"}";
            })
            .collect(Collectors.joining(","));

    signals("{\"items\":[" + items + "],\"wait\":\"settled\",\"parallelism\":4}")
        .statusCode(200)
        .body("accepted", equalTo(20))
        .body("totals.INJECTED", equalTo(20));
  }

  @Test
  void atomicCallIsRefusedWholeBeforeAnythingIsWritten() {
    twoEventfds();

    signals("{\"items\":[{\"eventfd\":\"efd-1\"},{\"eventfd\":\"efd-9\"}],\"atomic\":true}")
        .statusCode(422)
        .body("errno", equalTo("EBADF"))
        .body("errors.pointer", contains("/items/1/eventfd"));
    call().get(sandbox + "/eventfds/efd-1").then().body("counter", equalTo("0"));
  }

  @Test
  void shuffleTellsItsSeed() {
    twoEventfds();
    String items = "{\"items\":[{\"eventfd\":\"efd-1\",\"repeat\":3},{\"eventfd\":\"efd-2\"}],";

    signals(items + "\"order\":\"SHUFFLED\",\"seed\":7}").statusCode(200).body("seed", equalTo(7));
    assertThat(signals(items + "\"order\":\"SHUFFLED\"}").extract().jsonPath().getLong("seed"))
        .isNotNegative();
    signals(items + "\"seed\":7}").statusCode(400).body("errors.pointer", contains("/seed"));
  }

  @Test
  void tooManyWritesAreRefusedBeforeAny() {
    twoEventfds();

    signals(
            "{\"items\":[{\"eventfd\":\"efd-1\",\"repeat\":9999},{\"eventfd\":\"efd-2\",\"repeat\":2}]}")
        .statusCode(413)
        .body("errno", equalTo("E2BIG"));
    call().get(sandbox + "/eventfds/efd-1").then().body("counter", equalTo("0"));
    signals("{\"items\":[{\"eventfd\":\"efd-1\",\"repeat\":10000}]}")
        .statusCode(200)
        .body("accepted", equalTo(10000));
  }

  @Test
  void heldSignalLeavesTheAnswerOpen() {
    held();

    signals("{\"items\":[{\"eventfd\":\"efd-1\"}],\"wait\":\"settled\",\"timeout\":\"PT0S\"}")
        .statusCode(202)
        .body("settled", equalTo(false))
        .body("accepted", equalTo(1))
        .body("pending", hasSize(1));
    call().delete(sandbox + "/breakpoints/bp-1").then().statusCode(200);
  }

  @Test
  void linesAreWrittenOneByOne() {
    twoEventfds();

    call()
        .contentType("application/x-ndjson")
        .body(
            """
            {"eventfd":"efd-1"}

            nonsense
            null
            {"eventfd":"4","value":"3","repeat":2}
            """
                .getBytes(UTF_8))
        .queryParam("wait", "settled")
        .post(sandbox + "/signals")
        .then()
        .statusCode(200)
        .body("accepted", equalTo(3))
        .body("failed", equalTo(2))
        .body("results", hasSize(4))
        .body("results[1].problem.errno", equalTo("EINVAL"))
        .body("results[1].problem.detail", containsString("is no item"))
        .body("results[2].problem.errno", equalTo("EINVAL"))
        .body("totals.NOT_BOUND", equalTo(3));
    call().get(sandbox + "/eventfds/efd-2").then().body("counter", equalTo("6"));
  }

  @Test
  void membersAreCheckedLikeAllOthers() {
    hostile("{\"items\":[{\"eventfd\":\"efd-1\",\"repeat\":0}]}")
        .post(sandbox + "/signals")
        .then()
        .statusCode(400)
        .body("errors.pointer", contains("/items/0/repeat"));
    hostile("{\"items\":[{}]}")
        .post(sandbox + "/signals")
        .then()
        .statusCode(400)
        .body("errors.pointer", contains("/items/0/eventfd"));
    hostile("{\"items\":[],\"paralelism\":2}").post(sandbox + "/signals").then().statusCode(400);
  }

  /** Not held against the document: that takes seconds for thousands of results. */
  private ValidatableResponse lines(byte[] body) {
    return RestAssured.given()
        .port(port)
        .contentType("application/x-ndjson; charset=utf-8")
        .body(body)
        .post(sandbox + "/signals")
        .then();
  }

  @Test
  void linesPastTheLimitAreCountedAndNotKept() {
    twoEventfds();

    lines("x\n".repeat(20_000).getBytes(UTF_8))
        .statusCode(200)
        .body("accepted", equalTo(0))
        .body("failed", equalTo(20_000))
        .body("results", hasSize(10_001))
        .body("results[10000].problem.errno", equalTo("E2BIG"));
    lines("{\"eventfd\":\"3\",\"repeat\":9999}\n{\"eventfd\":\"3\"}\nx\nx".getBytes(UTF_8))
        .statusCode(200)
        .body("accepted", equalTo(10_000))
        .body("failed", equalTo(2))
        .body("results", hasSize(3));
  }

  @Test
  void linesThatAreNotWellFormedAreRefusedAndWhatCameBeforeIsWritten() {
    twoEventfds();
    String line = "{\"eventfd\":\"3\"}\n";
    // More than is read at a time.
    byte[] body = (line.repeat(1_000) + "?" + line).getBytes(UTF_8);
    body[line.length() * 1_000] = (byte) 0xc0;

    ValidatableResponse refused =
        lines(body)
            .statusCode(400)
            .body("errno", equalTo("EINVAL"))
            .body("detail", containsString("not well-formed UTF-8: byte 0xc0 at offset 16000"));
    String counter = call().get(sandbox + "/eventfds/efd-1").then().extract().path("counter");
    assertThat(Integer.parseInt(counter)).isBetween(1, 1_000);
    refused.body("done", equalTo(Integer.parseInt(counter)));
  }

  @Test
  void anotherLifesWritesAreRefused() {
    twoEventfds();

    call("{\"items\":[{\"eventfd\":\"3\"}]}")
        .header("If-Match", "\"another\"")
        .post(sandbox + "/signals")
        .then()
        .statusCode(412)
        .body("errno", equalTo("ESTALE"));
    call().get(sandbox + "/eventfds/efd-1").then().body("counter", equalTo("0"));
  }
}
