package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;

import dev.virq.api.EventReader.Block;
import dev.virq.sandbox.Sandboxes;
import dev.virq.testing.Await;
import dev.virq.testing.Call;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Events as pages and as streams. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EventsIT extends OverHttp {
  private static final JsonMapper JSON = new JsonMapper();

  @Autowired private Sandboxes sandboxes;

  private EventReader stream(String query, @Nullable String lastEventId) throws Exception {
    return new EventReader(port, sandbox + "/events" + query, lastEventId);
  }

  private JsonNode page(String query) {
    Response answer = call().get(sandbox + "/events" + query);
    assertThat(answer.statusCode()).isEqualTo(200);
    return JSON.readTree(answer.asString());
  }

  /** Every event that is kept, page by page. */
  private List<JsonNode> pages(int pageSize) {
    List<JsonNode> all = new ArrayList<>();
    long after = 0;
    while (true) {
      JsonNode page = page("?pageSize=" + pageSize + "&after=" + after);
      page.get("items").forEach(all::add);
      after = page.get("next").asLong();
      if (after == page.get("newest").asLong()) {
        return all;
      }
    }
  }

  private long newest() {
    return page("?pageSize=1").get("newest").asLong();
  }

  private static List<Long> seqs(List<Block> blocks) {
    return blocks.stream().map(Block::seq).toList();
  }

  private static List<Long> range(long from, long to) {
    return LongStream.rangeClosed(from, to).boxed().toList();
  }

  private void signal(int times) {
    for (int i = 0; i < times; i++) {
      call().post(sandbox + "/eventfds/3/signal?wait=settled").then().statusCode(200);
    }
  }

  @Test
  void pageAndStreamTellTheSameUnderLoad() throws Exception {
    try (EventReader reader = stream("", null)) {
      assertThat(reader.status()).isEqualTo(200);
      assertThat(reader.contentType()).isEqualTo("text/event-stream");
      bound();
      Call<Boolean> other =
          Call.start(() -> {
            signal(40);
            return true;
          });
      signal(40);
      assertThat(other.get()).isTrue();
      long newest = newest();

      List<Block> streamed = reader.upTo(newest);

      assertThat(seqs(streamed)).isEqualTo(range(1, newest));
      assertThat(streamed.stream().map(Block::data)).isEqualTo(pages(7));
      assertThat(streamed)
          .allSatisfy(block -> {
            assertThat(block.id()).isEqualTo(Long.toString(block.seq()));
            assertThat(block.type()).isEqualTo(block.data().get("type").asString());
          });
      long last = 0;
      for (Block block : streamed) {
        assertThat(block.data().get("nanos").asLong()).isGreaterThanOrEqualTo(last);
        last = block.data().get("nanos").asLong();
      }
    }
  }

  @Test
  void streamGoesOnFromEveryPosition() throws Exception {
    bound();
    signal(2);
    long newest = newest();
    for (long known = 0; known < newest; known++) {
      try (EventReader reader = stream("?after=1", Long.toString(known))) {
        assertThat(seqs(reader.upTo(newest))).isEqualTo(range(known + 1, newest));
      }
    }
    try (EventReader reader = stream("?after=" + newest, null)) {
      signal(1);
      Block first = reader.next();
      assertThat(first).isNotNull();
      assertThat(first.seq()).isEqualTo(newest + 1);
    }
  }

  @Test
  void whatIsOverwrittenIsToldExactly() throws Exception {
    String small = sandbox + "-small";
    call("{\"limits\":{\"events\":16}}").put(small).then().statusCode(201);
    for (int i = 0; i < 40; i++) {
      call("{}").post(small + "/eventfds").then().statusCode(201);
    }
    call()
        .get(small + "/events")
        .then()
        .statusCode(200)
        .body("gap.from", equalTo(1))
        .body("gap.to", equalTo(24))
        .body("oldest", equalTo(25))
        .body("items.size()", equalTo(16))
        .body("items[0].seq", equalTo(25));
    call().get(small + "/events?after=24&onGap=fail").then().statusCode(200);
    call()
        .get(small + "/events?after=23&onGap=fail")
        .then()
        .statusCode(410)
        .body("errno", equalTo("ESTALE"))
        .body("oldest", equalTo(25));
    double gaps = sandboxes.streamGaps();
    try (EventReader reader = new EventReader(port, small + "/events?after=5", "7")) {
      Block gap = reader.next();
      assertThat(gap).isNotNull();
      assertThat(gap.type()).isEqualTo("gap");
      assertThat(gap.id()).isEqualTo("24");
      assertThat(gap.data()).isEqualTo(JSON.readTree("{\"from\":8,\"to\":24}"));
      assertThat(seqs(reader.upTo(40))).isEqualTo(range(25, 40));
    }
    assertThat(sandboxes.streamGaps()).isEqualTo((long) gaps + 1);
    try (EventReader reader = new EventReader(port, small + "/events?onGap=fail", null)) {
      assertThat(reader.status()).isEqualTo(410);
    }
    call().delete(small).then().statusCode(200);
  }

  @Test
  void pagesEndAtUpTo() {
    bound();
    signal(3);
    JsonNode page = page("?after=2&upTo=5");
    assertThat(page.get("items"))
        .extracting(item -> item.get("seq").asLong())
        .containsExactly(3L, 4L, 5L);
    assertThat(page.get("next").asLong()).isEqualTo(5);
    assertThat(page.get("newest").asLong()).isGreaterThan(5);
    JsonNode filtered = page("?types=vm-*&upTo=5");
    assertThat(filtered.get("items")).hasSize(1);
    assertThat(filtered.get("next").asLong()).isEqualTo(5);
    assertThat(page("?after=5&upTo=5").get("items")).isEmpty();
    assertThat(page("?after=5&upTo=5").get("next").asLong()).isEqualTo(5);

    String small = sandbox + "-short";
    call("{\"limits\":{\"events\":16}}").put(small).then().statusCode(201);
    for (int i = 0; i < 40; i++) {
      call("{}").post(small + "/eventfds").then().statusCode(201);
    }
    call()
        .get(small + "/events?after=3&upTo=9")
        .then()
        .statusCode(200)
        .body("gap.from", equalTo(4))
        .body("gap.to", equalTo(9))
        .body("next", equalTo(9))
        .body("items.size()", equalTo(0));
    call()
        .get(small + "/events?upTo=26")
        .then()
        .body("gap.to", equalTo(24))
        .body("items.size()", equalTo(2))
        .body("next", equalTo(26));
    hostile()
        .header("accept", "text/event-stream")
        .get(small + "/events?upTo=26")
        .then()
        .statusCode(400)
        .body("detail", equalTo("upTo means nothing for a stream"));
  }

  @Test
  void streamOfAHeldRaceEndsWithTheRelease() throws Exception {
    bound();
    call("{\"point\":\"inject.dereferenced\"}")
        .post(sandbox + "/breakpoints")
        .then()
        .statusCode(201);
    try (EventReader reader = stream("", null)) {
      call().post(sandbox + "/eventfds/3/signal").then().statusCode(200);
      reader.upTo(block -> "breakpoint-parked".equals(block.type()));
      call().delete(sandbox + "/vms/vm-1?wait=none").then().statusCode(202);
      List<Block> waiting = reader.upTo(block -> "grace-begin".equals(block.type()));
      assertThat(waiting.getLast().data().get("detail").get("readers").asInt()).isOne();
      call("{}").post(sandbox + "/breakpoints/bp-1/release").then().statusCode(200);

      List<Block> rest = reader.upTo(block -> "vm-released".equals(block.type()));

      List<String> story = rest.stream().map(Block::type).toList();
      assertThat(story)
          .containsSubsequence(
              "breakpoint-released",
              "lock-begin",
              "line-raised",
              "line-lowered",
              "lock-end",
              "inject-lowered",
              "inject-end",
              "grace-end",
              "vm-put",
              "irqfd-freed",
              "vm-released");
      Map<String, JsonNode> byType = new java.util.HashMap<>();
      rest.forEach(block -> byType.put(block.type(), block.data()));
      JsonNode end = byType.get("inject-end");
      assertThat(end.get("thread").asString()).startsWith("injector-");
      assertThat(end.get("signal").asString()).isEqualTo("sig-1");
      assertThat(end.get("span").asString()).startsWith("section/irqfd-1/");
      assertThat(end.get("detail").get("outcome").asString()).isEqualTo("INJECTED");
      assertThat(byType.get("grace-end").get("thread").asString()).startsWith("cleanup-");
      assertThat(byType.get("vm-released").get("detail").get("refs").asInt()).isZero();
    }
  }

  @Test
  void everyStepIsRecordedWhileSomebodyLooks() throws Exception {
    bound();
    signal(1);
    assertThat(page("").toString()).doesNotContain("inject-dereferenced");

    try (EventReader reader = stream("?detail=true", null)) {
      reader.upTo(newest());
      signal(1);
      List<Block> steps = reader.upTo(block -> "inject-end".equals(block.type()));
      assertThat(steps.stream().map(Block::type))
          .containsExactly(
              "eventfd-signalled",
              "signal-queued",
              "inject-begin",
              "inject-dereferenced",
              "lock-begin",
              "line-raised",
              "line-lowered",
              "lock-end",
              "inject-lowered",
              "inject-end");
      assertThat(steps.getFirst().data().get("thread").asString()).isEqualTo("writer");
      assertThat(steps.get(3).data().get("mark").asString()).isEqualTo("[4]");
    }
  }

  @Test
  void filtersAreThoseOfTheQuery() throws Exception {
    bound();
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    signal(1);
    assertThat(page("?types=vm-*,eventfd-signalled").get("items"))
        .extracting(item -> item.get("type").asString())
        .containsExactly("vm-opened", "vm-opened", "eventfd-signalled");
    assertThat(page("?vm=vm-2").get("items")).hasSize(1);
    assertThat(page("?eventfd=efd-1&gsi=5&types=inject-*").get("items")).hasSize(2);
    assertThat(page("?irqfd=irqfd-2").get("items")).isEmpty();
    try (EventReader reader = stream("?vm=vm-2", null)) {
      Block only = reader.next();
      assertThat(only).isNotNull();
      assertThat(only.type()).isEqualTo("vm-opened");
      call().delete(sandbox).then().statusCode(200);
      assertThat(reader.upTo(block -> false).stream().map(Block::type)).endsWith("bye");
    }
  }

  @Test
  void nonsenseIsRefused() {
    for (String query :
        List.of(
            "?types=",
            "?types=vm-close",
            "?after=-1",
            "?after=x",
            "?vm=1",
            "?gsi=-1",
            "?pageSize=0",
            "?onGap=maybe",
            "?detail=yes")) {
      hostile()
          .get(sandbox + "/events" + query)
          .then()
          .statusCode(400)
          .body("errno", equalTo("EINVAL"));
    }
  }

  @Test
  void streamEndsWithItsSandbox() throws Exception {
    try (EventReader reader = stream("", null)) {
      bound();
      call().delete(sandbox).then().statusCode(200);

      List<Block> all = reader.upTo(block -> false);

      assertThat(all.getLast().type()).isEqualTo("bye");
      assertThat(all.getLast().data().get("reason").asString()).isEqualTo("ended");
      assertThat(all.stream().map(Block::type)).contains("vm-released", "irqfd-freed");
    }
  }

  @Test
  void streamGoesOnOverAReset() throws Exception {
    bound();
    try (EventReader reader = stream("", null)) {
      call("{}").post(sandbox + "/reset").then().statusCode(200);
      reader.upTo(block -> "sandbox-reset".equals(block.type()));
      bound();
      Block next = reader.next();
      assertThat(next).isNotNull();
      assertThat(next.type()).isEqualTo("vm-opened");
    }
  }

  @Test
  void clientOfAnotherLogBeginsAnew() throws Exception {
    bound();
    try (EventReader reader = stream("", "5000")) {
      Block restart = reader.next();
      assertThat(restart).isNotNull();
      assertThat(restart.type()).isEqualTo("restart");
      assertThat(restart.data().get("lastEventId").asLong()).isEqualTo(5000);
      Block first = reader.next();
      assertThat(first).isNotNull();
      assertThat(first.seq()).isOne();
    }
  }

  @Test
  void numbersOfAnEarlierLogAreNoticed() throws Exception {
    String anew = sandbox + "-anew";
    call("{}").put(anew).then().statusCode(201);
    for (int i = 0; i < 5; i++) {
      call("{}").post(anew + "/eventfds").then().statusCode(201);
    }
    JsonPath page = call().get(anew + "/events").jsonPath();
    String known = "after=" + page.getLong("next") + "&log=" + page.getString("log");
    call().get(anew + "/events?" + known).then().statusCode(200).body("items", empty());
    call().delete(anew).then().statusCode(200);
    call("{}").put(anew).then().statusCode(201);
    for (int i = 0; i < 7; i++) {
      call("{}").post(anew + "/vms").then().statusCode(201);
    }

    call()
        .get(anew + "/events?" + known)
        .then()
        .statusCode(410)
        .body("errno", equalTo("ESTALE"))
        .body("oldest", equalTo(1));
    call().get(anew + "/events?after=1000").then().statusCode(410);
    String path = anew + "/events?log=" + page.getString("log");
    try (EventReader reader = new EventReader(port, path, page.getString("next"))) {
      Block restart = reader.next();
      assertThat(restart).isNotNull();
      assertThat(restart.type()).isEqualTo("restart");
      assertThat(restart.id()).isEqualTo("0");
      Block first = reader.next();
      assertThat(first).isNotNull();
      assertThat(first.type()).isEqualTo("vm-opened");
      assertThat(first.seq()).isOne();
    }
    try (EventReader reader = new EventReader(port, path + "&onGap=fail", "5")) {
      assertThat(reader.status()).isEqualTo(410);
    }
    call().delete(anew).then().statusCode(200);
  }

  @Test
  void filteredStreamOfABusySandboxIsAlive() throws Exception {
    String busy = sandbox + "-busy";
    // Three signs of life in that time.
    call("{\"ttl\":\"PT3S\"}").put(busy).then().statusCode(201);
    try (EventReader reader = new EventReader(port, busy + "/events?types=vm-released", null)) {
      Call<String> id =
          Call.start(() -> {
            String line = reader.line();
            while (line != null && !line.equals(": alive")) {
              line = reader.line();
            }
            return String.valueOf(reader.line());
          });
      Await.until(() -> {
        String made = call("{}").post(busy + "/eventfds").path("id");
        call().delete(busy + "/eventfds/" + made).then().statusCode(200);
        return id.isDone();
      });

      assertThat(id.get()).matches("id: [1-9][0-9]*");
    }
    call().delete(busy).then().statusCode(200);
  }

  @Test
  void streamsAreBoundedAndGiveBackTheirPlace() throws Exception {
    String small = sandbox + "-few";
    call("{\"limits\":{\"streams\":1}}").put(small).then().statusCode(201);
    long before = sandboxes.streams();
    try (EventReader first = new EventReader(port, small + "/events", null)) {
      assertThat(first.status()).isEqualTo(200);
      assertThat(sandboxes.streams()).isEqualTo(before + 1);
      try (EventReader second = new EventReader(port, small + "/events", null)) {
        assertThat(second.status()).isEqualTo(409);
      }
    }
    // The server notices by the next event that it writes.
    Await.until(() -> {
      call("{}").post(small + "/eventfds").then().statusCode(201);
      return sandboxes.streams() == before;
    });
    try (EventReader again = new EventReader(port, small + "/events", null)) {
      assertThat(again.status()).isEqualTo(200);
    }
    call().delete(small).then().statusCode(200);
  }

  @Test
  void placeOfAClientThatHasGoneIsFoundInAQuietSandbox() throws Exception {
    String quiet = sandbox + "-left";
    call("{\"limits\":{\"streams\":1}}").put(quiet).then().statusCode(201);
    try (EventReader first = new EventReader(port, quiet + "/events", null)) {
      assertThat(first.status()).isEqualTo(200);
    }

    // A busy machine may need more than one of its moments; without them all these are over at
    // once.
    int status = 0;
    for (int tries = 0; tries < 10 && status != 200; tries++) {
      try (EventReader next = new EventReader(port, quiet + "/events", null)) {
        status = next.status();
      }
    }

    assertThat(status).isEqualTo(200);
    call().delete(quiet).then().statusCode(200);
  }

  @Test
  void clientThatReadsNothingDelaysNobody() throws Exception {
    bound();
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4_096);
        socket.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        slow.add(socket);
        socket
            .getOutputStream()
            .write(
                ("GET "
                        + sandbox
                        + "/events HTTP/1.1\r\nHost: localhost\r\n"
                        + "Accept: text/event-stream\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        socket.getInputStream().read();
      }
      try (EventReader reader = stream("", null)) {
        // Far more than the log keeps and all buffers between hold.
        String many =
            "{\"items\":[{\"eventfd\":\"efd-1\",\"repeat\":4000}],\"wait\":\"settled\","
                + "\"timeout\":\"PT60S\"}";
        for (int i = 0; i < 3; i++) {
          call(many)
              .post(sandbox + "/signals")
              .then()
              .statusCode(200)
              .body("accepted", greaterThan(0));
        }
        call("{}").post(sandbox + "/vms").then().statusCode(201);
        long known = 0;
        for (Block block :
            reader.upTo(one -> "vm-opened".equals(one.type()) && one.seq() > 1_000)) {
          if ("gap".equals(block.type())) {
            assertThat(block.data().get("from").asLong()).isEqualTo(known + 1);
            known = block.data().get("to").asLong();
          } else {
            assertThat(block.seq()).isEqualTo(known + 1);
            known = block.seq();
          }
        }
        assertThat(known).isGreaterThan(12_000);
      }
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }
}
