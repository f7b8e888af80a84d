package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Traces of what happened. */
class TraceIT extends OverHttp {
  private static final JsonMapper JSON = new JsonMapper();

  private JsonNode trace(String query) {
    return JSON.readTree(
        call().get(sandbox + "/trace" + query).then().statusCode(200).extract().asString());
  }

  private String text(String query) {
    return call()
        .get(sandbox + "/trace?format=text" + query)
        .then()
        .statusCode(200)
        .contentType("text/plain")
        .extract()
        .asString();
  }

  private static List<String> names(JsonNode trace, String phase) {
    return StreamSupport.stream(trace.get("traceEvents").spliterator(), false)
        .filter(event -> event.get("ph").asString().equals(phase))
        .map(event -> event.get("name").asString())
        .toList();
  }

  @Test
  void heldRaceIsThereWithItsSpansAndItsFlow() {
    held();
    call().delete(sandbox + "/vms/vm-1?wait=none").then().statusCode(202);
    call("{\"for\":\"settled\"}").post(sandbox + "/wait").then().statusCode(409);

    JsonNode during = trace("");

    TraceRules.check(during);
    assertThat(names(during, "B"))
        .containsSubsequence("section irqfd-1", "held by bp-1", "grace irqfd-1");

    call().post(sandbox + "/breakpoints/bp-1/release").then().statusCode(200);
    settled();
    JsonNode whole = trace("");
    TraceRules.check(whole);
    assertThat(names(whole, "B"))
        .contains("section irqfd-1", "held by bp-1", "lock irqfd-1", "grace irqfd-1");
    assertThat(names(whole, "s")).contains("signal", "sever");
    assertThat(names(whole, "C"))
        .contains("efd-1 counter after a write", "vm-1 references", "irqfd-1 readers");
  }

  @Test
  void partOfTheLogIsATraceOfItsOwn() {
    held();
    long newest = call().get(sandbox).then().extract().jsonPath().getLong("seq");
    for (long from = 0; from <= newest; from++) {
      TraceRules.check(trace("?after=" + from));
      TraceRules.check(trace("?upTo=" + from));
    }
    call().post(sandbox + "/breakpoints/bp-1/release").then().statusCode(200);
    settled();
  }

  @Test
  void textTellsTheSameEventsALineEach() {
    held();
    call().post(sandbox + "/breakpoints/bp-1/release").then().statusCode(200);
    settled();
    JsonNode page = JSON.readTree(call().get(sandbox + "/events?pageSize=1000").asString());

    List<String> lines = text("").lines().filter(line -> !line.startsWith("#")).toList();

    assertThat(lines).hasSize(page.get("items").size());
    for (int i = 0; i < lines.size(); i++) {
      assertThat(lines.get(i))
          .contains(": " + page.get("items").get(i).get("type").asString() + ":");
    }
    assertThat(text("&after=2&upTo=3").lines().filter(line -> !line.startsWith("#"))).hasSize(1);
  }

  @Test
  void nonsenseIsRefused() {
    for (String query : List.of("?format=xml", "?after=-1", "?upTo=x", "?from=1")) {
      hostile().get(sandbox + "/trace" + query).then().statusCode(400);
    }
  }
}
