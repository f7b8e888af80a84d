package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import dev.virq.testing.Await;
import io.restassured.response.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Programs that are explored over HTTP, and schedules that are played again. */
class ExplorationIT extends OverHttp {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Path PROGRAM = Path.of("src/docs/programs/vm-close.virq");

  private static String lasting() throws IOException {
    return body(Map.of("runs", 1_000_000, "timeout", "PT10M"));
  }

  private static String body(Map<String, Object> members) throws IOException {
    Map<String, Object> all = new LinkedHashMap<>(members);
    all.putIfAbsent("program", Files.readString(PROGRAM));
    return JSON.writeValueAsString(all);
  }

  private List<JsonNode> explored(Map<String, Object> members) throws IOException {
    Response answer = call(body(members)).post(sandbox + "/explorations");
    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(answer.contentType()).startsWith("application/x-ndjson");
    return answer.asString().lines().map(JSON::readTree).toList();
  }

  /** A browser's page takes NDJSON for one value; so the same lines are there as text. */
  @Test
  void typeIsTheFirstThatTheClientTakes() throws IOException {
    for (Map.Entry<String, String> taken :
        Map.of(
                "*/*", "application/x-ndjson",
                "application/x-ndjson, text/plain", "application/x-ndjson",
                "text/plain", "text/plain",
                "text/plain;q=0.1, application/x-ndjson", "application/x-ndjson",
                "application/x-ndjson;q=0, text/plain", "text/plain",
                "text/plain, application/x-ndjson, application/problem+json", "text/plain")
            .entrySet()) {
      Response answer =
          call(body(Map.of("runs", 3))).accept(taken.getKey()).post(sandbox + "/explorations");

      assertThat(answer.contentType()).as(taken.getKey()).startsWith(taken.getValue());
      assertThat(answer.asString().lines()).allMatch(line -> JSON.readTree(line).isObject());
    }
    hostile(body(Map.of("runs", 3)))
        .accept("application/xml")
        .post(sandbox + "/explorations")
        .then()
        .statusCode(406);
  }

  private static List<JsonNode> having(List<JsonNode> lines, String member) {
    return lines.stream().filter(line -> line.has(member)).toList();
  }

  @Test
  void outcomesComeFirstAndTheVerdictLast() throws IOException {
    List<JsonNode> lines = explored(Map.of("runs", 300, "seed", 5));

    List<JsonNode> rows = having(lines, "outcome");
    List<Long> counts = rows.stream().map(row -> row.get("count").asLong()).toList();
    assertThat(counts).isSortedAccordingTo((a, b) -> Long.compare(b, a)).hasSizeGreaterThan(1);
    assertThat(counts.stream().mapToLong(Long::longValue).sum()).isEqualTo(300);
    JsonNode verdict = lines.getLast();
    assertThat(verdict.get("runs").asLong()).isEqualTo(300);
    assertThat(verdict.get("distinct").asInt()).isEqualTo(rows.size());
    assertThat(verdict.get("violated")).isEmpty();
    assertThat(verdict.has("stopped")).isFalse();
    assertThat(lines.indexOf(rows.getLast())).isEqualTo(lines.size() - 2);
  }

  @Test
  void violationIsFoundAndItsScheduleBringsItBack() throws IOException {
    List<JsonNode> lines =
        explored(Map.of("runs", 10_000, "stopOnFirst", true, "defect", "no-grace-period"));

    JsonNode failure = having(lines, "minimal").getFirst();
    assertThat(lines.indexOf(failure))
        .isGreaterThan(lines.indexOf(having(lines, "outcome").getLast()));
    JsonNode minimal = failure.get("minimal");
    String schedule = minimal.get("schedule").asString();
    Response again =
        call(body(Map.of("schedule", schedule, "defect", "no-grace-period")))
            .post(sandbox + "/explorations/replay");
    JsonNode replayed = JSON.readTree(again.asString());
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(replayed.get("violated").valueStream().map(JsonNode::asString))
        .contains(failure.get("expectation").asString());
    assertThat(replayed.get("steps")).isEqualTo(minimal.get("steps"));
    assertThat(replayed.get("reports")).isNotEmpty();

    Response other =
        hostile(body(Map.of("schedule", schedule))).post(sandbox + "/explorations/replay");
    assertThat(other.statusCode()).isEqualTo(400);
    assertThat(other.<String>path("detail")).startsWith("the schedule was made for ");
  }

  @Test
  void eventsOfAReplayAreLeftInTheLogOnlyWhenAskedFor() throws IOException {
    call("{}").post(sandbox + "/eventfds").then().statusCode(201);
    Map<String, Object> plain = Map.of("defect", "no-grace-period");
    Response told = call(body(plain)).post(sandbox + "/explorations/replay");
    assertThat(told.asString()).doesNotContain("\"trace\"");
    long before = call().get(sandbox).jsonPath().getLong("seq");
    assertThat(before).isOne();

    Response replay =
        call(body(Map.of("defect", "no-grace-period", "events", true)))
            .post(sandbox + "/explorations/replay");
    JsonNode replayed = JSON.readTree(replay.asString());
    JsonNode page = JSON.readTree(call().get(replayed.get("events").asString()).asString());
    List<JsonNode> items = page.get("items").valueStream().toList();
    assertThat(items.getFirst().get("seq").asLong()).isEqualTo(2);
    assertThat(items.getLast().get("seq").asLong())
        .isEqualTo(call().get(sandbox).jsonPath().getLong("seq"));
    assertThat(items)
        .extracting(item -> item.get("thread").asString() + " " + item.get("type").asString())
        .contains(
            "setup vm-opened",
            "vmm vm-closing",
            "cleanup-4 vm-released",
            "writer eventfd-signalled");
    // What is recorded only while somebody looks is there, too.
    assertThat(items)
        .extracting(item -> item.get("type").asString())
        .contains("inject-dereferenced");
    TraceRules.check(JSON.readTree(call().get(replayed.get("trace").asString()).asString()));
    assertThat(replayed.get("steps")).isEqualTo(JSON.readTree(told.asString()).get("steps"));
    call().get(sandbox).then().body("counts.vms", equalTo(0)).body("counts.eventfds", equalTo(1));

    long seq = call().get(sandbox).jsonPath().getLong("seq");
    hostile(body(Map.of("events", true, "schedule", "s1:0000000000000000:0")))
        .post(sandbox + "/explorations/replay")
        .then()
        .statusCode(400);
    assertThat(call().get(sandbox).jsonPath().getLong("seq")).isEqualTo(seq);
  }

  @Test
  void answerIsKeptForTheSameCallOnceMore() throws IOException {
    String body = body(Map.of("runs", 20));
    String key = "explore-" + name;

    Response first = call(body).header("Idempotency-Key", key).post(sandbox + "/explorations");
    Response again = call(body).header("Idempotency-Key", key).post(sandbox + "/explorations");

    assertThat(first.asString()).endsWith("}\n").contains("\"runs\":20");
    assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
    assertThat(again.asString()).isEqualTo(first.asString());
  }

  @Test
  void oneThatIsOutOfTimeSaysSo() throws IOException {
    JsonNode verdict = explored(Map.of("runs", 1_000_000, "timeout", "PT0.001S")).getLast();

    assertThat(verdict.get("stopped").asString()).isEqualTo("timeout");
    assertThat(verdict.get("runs").asLong()).isLessThan(1_000_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                                  | /program     | is missing",
        "{\"program\":\"actor a:\\n  fly\"}                  | /program     | line 2",
        "{\"depth\":33}                                      | /depth       | 33 is outside 1..32",
        "{\"depth\":3,\"strategy\":\"POS\"}                  | /depth       | is for strategy PCT",
        "{\"preemptions\":1}                                 | /preemptions | is for strategy EXHAUSTIVE",
        "{\"runs\":1000001}                                  | /runs        | 1000001 is outside 1..1000000",
        "{\"runs\":0}                                        | /runs        | 0 is outside",
        "{\"defect\":\"none\"}                               | /defect      | is none of [no-grace-period",
        "{\"timeout\":\"PT11M\"}                             | /timeout     | is outside",
      })
  void badRequestIsRefusedByName(String given, String pointer, String detail) throws IOException {
    Map<String, Object> members = JSON.readValue(given, new TypeReference<>() {});
    String body = "{}".equals(given) ? given : body(members);

    Response answer = hostile(body).post(sandbox + "/explorations");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(400);
    assertThat(answer.<String>path("errors[0].pointer")).isEqualTo(pointer);
    assertThat(answer.<String>path("errors[0].detail")).contains(detail);
  }

  @Test
  void programThatIsTooLongIsRefused() throws IOException {
    Response answer =
        hostile(body(Map.of("program", "#".repeat(65_537)))).post(sandbox + "/explorations");

    assertThat(answer.<String>path("errno")).isEqualTo("E2BIG");
  }

  @Test
  void sandboxHasOneAndAClientThatGoesGivesItsPlaceBack() throws Exception {
    try (RunningExploration first = new RunningExploration(port, sandbox, lasting())) {
      assertThat(first.next().get("runs").asLong()).isPositive();

      Response second = hostile(body(Map.of())).post(sandbox + "/explorations");
      Response replay = hostile(body(Map.of())).post(sandbox + "/explorations/replay");

      assertThat(second.<String>path("errno")).isEqualTo("EBUSY");
      assertThat(replay.<String>path("errno")).isEqualTo("EBUSY");
    }

    String one = body(Map.of("runs", 1));
    Await.until(() -> hostile(one).post(sandbox + "/explorations").statusCode() == 200);
  }

  @Test
  void endOfTheSandboxEndsIt() throws Exception {
    String ending = sandbox + "-ending";
    call().put(ending).then().statusCode(201);
    try (RunningExploration running = new RunningExploration(port, ending, lasting())) {
      JsonNode line = running.next();

      call().delete(ending).then().statusCode(200);

      JsonNode last = line;
      for (; line != null; line = running.next()) {
        last = line;
      }
      assertThat(last.get("stopped").asString()).isEqualTo("ended");
    }
  }

  @Test
  void oneThatGoesOnKeepsTheLease() throws Exception {
    String leased = sandbox + "-leased";
    call("{\"ttl\":\"PT5S\"}").put(leased).then().statusCode(201);
    try (RunningExploration running = new RunningExploration(port, leased, lasting())) {
      // One each second.
      for (int line = 1; line <= 7; line++) {
        assertThat(running.next().has("runsPerSecond")).isTrue();
      }
    }
    call().delete(leased).then().statusCode(200);
  }

  @Test
  void instanceHasSoMany() throws Exception {
    List<RunningExploration> all = new ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) {
        String own = sandbox + "-" + i;
        call().put(own).then().statusCode(201);
        all.add(new RunningExploration(port, own, lasting()));
      }

      Response ninth = hostile(body(Map.of())).post(sandbox + "/explorations");

      assertThat(all).allMatch(running -> running.status() == 200);
      assertThat(ninth.<String>path("errno")).isEqualTo("ENFILE");
    } finally {
      all.forEach(RunningExploration::close);
    }
    for (int i = 0; i < 8; i++) {
      call().delete(sandbox + "-" + i).then().statusCode(200);
    }
  }
}
