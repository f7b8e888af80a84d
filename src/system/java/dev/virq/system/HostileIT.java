package dev.virq.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Requests that no rig should send. Each gets a 4xx problem that names what was wrong, and a
 * healthy request works after each.
 */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class HostileIT {
  private static final String JSON = "application/json";
  private static final int MIB = 1 << 20;

  @LocalServerPort int port;

  private final HttpClient client = HttpClient.newHttpClient();
  private Rest rest;

  /**
   * One request.
   *
   * @param line method and path; $S stands for the sandbox that the test made
   * @param type of the body, or empty
   * @param body what is sent, or null
   * @param status expected
   * @param errno expected
   * @param named what the answer's detail or its pointers have to contain
   */
  private record Hostile(
      String line, String type, String body, int status, String errno, String named) {}

  private static Hostile json(String line, String body, int status, String errno, String named) {
    return new Hostile(line, JSON, body, status, errno, named);
  }

  private static Hostile bare(String line, int status, String errno, String named) {
    return new Hostile(line, "", null, status, errno, named);
  }

  private static Stream<Hostile> table() {
    String irqfds = "POST $S/vms/vm-1/irqfds";
    String eventfds = "POST $S/eventfds";
    String breakpoints = "POST $S/breakpoints";
    String signal = "POST $S/eventfds/efd-1/signal";
    String wait = "POST $S/wait";
    String sandboxes = "POST /v1/sandboxes";
    String line = "PUT $S/vms/vm-1/gsis/5/line";
    return Stream.of(
        // Wrong types: nothing is coerced.
        json(irqfds, "{\"fd\":4,\"gsi\":\"five\"}", 400, "EINVAL", "/gsi"),
        json(irqfds, "{\"fd\":4,\"gsi\":1.5}", 400, "EINVAL", "/gsi"),
        json(irqfds, "{\"fd\":4,\"gsi\":true}", 400, "EINVAL", "/gsi"),
        json(irqfds, "{\"fd\":4,\"gsi\":[5]}", 400, "EINVAL", "/gsi"),
        json(irqfds, "{\"fd\":\"four\",\"gsi\":5}", 400, "EINVAL", "/fd"),
        json(irqfds, "{\"fd\":{},\"gsi\":5}", 400, "EINVAL", "/fd"),
        json(irqfds, "{\"fd\":4,\"gsi\":5,\"flags\":\"RESAMPLE\"}", 400, "EINVAL", "/flags"),
        json(irqfds, "{\"eventfd\":7,\"gsi\":5}", 400, "EINVAL", "/eventfd"),
        json(eventfds, "{\"initval\":true}", 400, "EINVAL", "/initval"),
        json(eventfds, "{\"initval\":\"0x10\"}", 400, "EINVAL", "0x10"),
        json(eventfds, "{\"initval\":\"\"}", 400, "EINVAL", "/initval"),
        json(eventfds, "{\"flags\":[\"CLOEXEC\"]}", 400, "EINVAL", "CLOEXEC"),
        json(eventfds, "{\"flags\":\"SEMAPHORE\"}", 400, "EINVAL", "/flags"),
        json(eventfds, "[]", 400, "EINVAL", ""),
        json(eventfds, "\"efd\"", 400, "EINVAL", ""),
        json(eventfds, "7", 400, "EINVAL", ""),
        json(signal, "{\"value\":[1]}", 400, "EINVAL", "/value"),
        json(signal, "{\"value\":1.0}", 400, "EINVAL", "/value"),
        json(line, "{\"level\":\"1\"}", 400, "EINVAL", "/level"),
        json("POST $S/vms", "{\"irqchip\":\"APIC\"}", 400, "EINVAL", "APIC"),
        json("POST $S/vms", "{\"irqchip\":0}", 400, "EINVAL", "/irqchip"),
        json(sandboxes, "{\"ttl\":600}", 400, "EINVAL", "/ttl"),
        json(sandboxes, "{\"labels\":{\"a\":1}}", 400, "EINVAL", "/labels"),
        // Numbers outside their bounds.
        json(irqfds, "{\"fd\":4,\"gsi\":-1}", 400, "EINVAL", "-1"),
        json(irqfds, "{\"fd\":4,\"gsi\":4294967296}", 400, "EINVAL", "4294967296"),
        json(irqfds, "{\"fd\":4,\"gsi\":18446744073709551616}", 400, "EINVAL", "/gsi"),
        json(eventfds, "{\"initval\":-1}", 400, "EINVAL", "-1"),
        json(eventfds, "{\"initval\":4294967296}", 400, "EINVAL", "4294967296"),
        json(signal, "{\"value\":-1}", 400, "EINVAL", "-1"),
        json(signal, "{\"value\":\"18446744073709551615\"}", 400, "EINVAL", "18446744073709551615"),
        json(signal, "{\"value\":18446744073709551616}", 400, "EINVAL", "18446744073709551616"),
        json(signal, "{\"value\":1e400}", 400, "EINVAL", "/value"),
        json(line, "{\"level\":4294967296}", 400, "EINVAL", "4294967296"),
        json(line, "{}", 400, "EINVAL", "/level"),
        json(breakpoints, "{\"point\":\"inject.enter\",\"hits\":0}", 400, "EINVAL", "/hits"),
        json(breakpoints, "{\"point\":\"inject.enter\",\"skip\":-1}", 400, "EINVAL", "/skip"),
        json(
            breakpoints,
            "{\"point\":\"inject.enter\",\"maxHold\":\"PT1H\"}",
            400,
            "EINVAL",
            "PT1H"),
        json(breakpoints, "{\"point\":\"inject.raised\"}", 400, "EINVAL", "inject.raised"),
        json(breakpoints, "{\"point\":\"inject.nowhere\"}", 400, "EINVAL", "inject.nowhere"),
        json(breakpoints, "{}", 400, "EINVAL", "/point"),
        json(wait, "{\"for\":\"ever\"}", 400, "EINVAL", "ever"),
        json(wait, "{\"for\":\"settled\",\"timeout\":\"PT61S\"}", 400, "EINVAL", "/timeout"),
        json(wait, "{\"for\":\"settled\",\"timeout\":\"-PT1S\"}", 400, "EINVAL", "/timeout"),
        json(wait, "{\"for\":\"settled\",\"timeout\":\"soon\"}", 400, "EINVAL", "/timeout"),
        json(wait, "{}", 400, "EINVAL", "/for"),
        json(sandboxes, "{\"workers\":0}", 400, "EINVAL", "/workers"),
        json(sandboxes, "{\"workers\":100000}", 400, "EINVAL", "/workers"),
        json(sandboxes, "{\"ttl\":\"P100D\"}", 400, "EINVAL", "/ttl"),
        json(sandboxes, "{\"name\":\"Not_A_Label\"}", 400, "EINVAL", "Not_A_Label"),
        json(sandboxes, "{\"name\":\"" + "a".repeat(64) + "\"}", 400, "EINVAL", "/name"),
        // Unknown and duplicate members, and members that exclude each other.
        json(irqfds, "{\"fd\":4,\"gsi\":5,\"gsl\":6}", 400, "EINVAL", "gsl"),
        json(irqfds, "{\"fd\":4,\"gsi\":5,\"gsi\":6}", 400, "EINVAL", "gsi"),
        json(irqfds, "{\"fd\":4,\"eventfd\":\"efd-2\",\"gsi\":5}", 400, "EINVAL", "eventfd"),
        json(irqfds, "{\"gsi\":5}", 400, "EINVAL", "fd"),
        json(irqfds, "{\"fd\":4}", 400, "EINVAL", "/gsi"),
        json(irqfds, "{\"fd\":4,\"gsi\":5,\"flags\":[\"RESAMPLE\"]}", 400, "EINVAL", "resample"),
        json(eventfds, "{\"Initval\":1}", 400, "EINVAL", "Initval"),
        json("PUT $S", "{\"TTL\":\"PT1M\"}", 400, "EINVAL", "TTL"),
        // Bodies that are no JSON, or not all of it.
        json(eventfds, "{\"initval\":1", 400, "EINVAL", ""),
        json(eventfds, "{\"initval\":}", 400, "EINVAL", ""),
        json(eventfds, "{} {}", 400, "EINVAL", ""),
        json(eventfds, "{'initval':1}", 400, "EINVAL", ""),
        json(eventfds, "{\"name\":\"\u0001\"}", 400, "EINVAL", ""),
        json(eventfds, "[".repeat(5000), 400, "EINVAL", ""),
        json(eventfds, "{\"name\":\"" + "n".repeat(2 * MIB) + "\"}", 413, "E2BIG", "1048576"),
        // Media types.
        new Hostile(eventfds, "text/plain", "{}", 415, "EOPNOTSUPP", "text/plain"),
        new Hostile(eventfds, "application/xml", "<a/>", 415, "EOPNOTSUPP", "xml"),
        new Hostile(
            signal, "application/x-www-form-urlencoded", "value=1", 415, "EOPNOTSUPP", "form"),
        new Hostile(eventfds, "nonsense", "{}", 415, "EOPNOTSUPP", "nonsense"),
        // Paths, ids and queries.
        bare("GET $S/vms/vm-0", 400, "EINVAL", "vm-0"),
        bare("GET $S/vms/vm--1", 400, "EINVAL", "vm--1"),
        bare("GET $S/vms/7", 400, "EINVAL", "7"),
        bare("GET $S/vms/vm-99999999999999999999", 400, "EINVAL", "vm-99999999999999999999"),
        bare("GET $S/vms/vm-77", 404, "ENOENT", "vm-77"),
        bare("GET $S/eventfds/efd-77", 404, "EBADF", "efd-77"),
        bare("GET $S/eventfds/77", 404, "EBADF", "77"),
        bare("GET $S/eventfds/stdin", 400, "EINVAL", "stdin"),
        bare("GET $S/irqfds/irqfd-77", 404, "ENOENT", "irqfd-77"),
        bare("GET $S/signals/sig-77777", 404, "ENOENT", "sig-77777"),
        bare("GET $S/breakpoints/bp-77", 404, "ENOENT", "bp-77"),
        bare("GET $S/vms/vm-1/gsis/4294967296", 400, "EINVAL", "4294967296"),
        bare("GET $S/vms/vm-1/gsis/five", 400, "EINVAL", "five"),
        bare("GET $S/vms?pageSize=0", 400, "EINVAL", "pageSize"),
        bare("GET $S/vms?pageSize=many", 400, "EINVAL", "many"),
        bare("GET $S/vms?pageToken=forged", 400, "EINVAL", "forged"),
        bare("GET $S/vms?pagesize=5", 400, "EINVAL", "pagesize"),
        bare("GET $S/vms?pageSize=5&pageSize=6", 400, "EINVAL", "pageSize"),
        bare("DELETE $S/vms/vm-1?wait=maybe", 400, "EINVAL", "maybe"),
        bare("DELETE $S/vms/vm-1?timeout=5s", 400, "EINVAL", "5s"),
        bare("GET /v1/sandboxes/nobody", 404, "ENOENT", "nobody"),
        bare("GET /v1/sandboxes/nobody/vms", 404, "ENOENT", "nobody"),
        bare("DELETE /v1/sandboxes/default", 403, "EPERM", "default"),
        bare("GET /v1/nothing", 404, "ENOENT", "/v1/nothing"),
        bare("GET /v2/sandboxes", 404, "ENOENT", "/v2/sandboxes"),
        bare("GET $S/vms/vm-1/", 404, "ENOENT", "vm-1"),
        bare("GET /problems/EWHAT", 404, "ENOENT", "EWHAT"),
        // Another sandbox's objects: its fifth eventfd and second VM do not exist here.
        json(irqfds, "{\"fd\":9,\"gsi\":5}", 422, "EBADF", "9"),
        json(irqfds, "{\"eventfd\":\"efd-5\",\"gsi\":5}", 422, "EBADF", "efd-5"),
        json("POST $S/vms/vm-2/irqfds", "{\"fd\":4,\"gsi\":5}", 404, "ENOENT", "vm-2"),
        json("POST $S/vms/vm-1/irqfds/deassign", "{\"fd\":9,\"gsi\":5}", 422, "EBADF", "9"),
        bare("DELETE $S/vms/vm-1/irqfds/irqfd-2", 404, "ENOENT", "irqfd-2"),
        // Wrong methods.
        bare("PATCH $S", 405, "EOPNOTSUPP", "PATCH"),
        bare("DELETE $S/vms", 405, "EOPNOTSUPP", "DELETE"),
        bare("PUT $S/eventfds/efd-1/signal", 405, "EOPNOTSUPP", "PUT"),
        bare("GET $S/eventfds/efd-1/signal", 405, "EOPNOTSUPP", "GET"),
        bare("DELETE /v1", 405, "EOPNOTSUPP", "DELETE"));
  }

  @BeforeEach
  void objects() {
    rest = new Rest(port);
    make("hostile", 1, 2);
    make("other", 2, 7);
  }

  /** A sandbox with so many VMs and eventfds; of the latter the first is bound to line 5. */
  private void make(String name, int vms, int eventfds) {
    String path = "/v1/sandboxes/" + name;
    if (rest.put(path, "{}").status() == 200) {
      rest.post(path + "/reset", null).ok();
    }
    for (int i = 0; i < vms; i++) {
      rest.post(path + "/vms", "{}").ok();
    }
    for (int i = 0; i < eventfds; i++) {
      rest.post(path + "/eventfds", "{}").ok();
    }
    rest.post(path + "/vms/vm-1/irqfds", "{\"fd\":3,\"gsi\":5}").ok();
    if (vms > 1) {
      rest.post(path + "/vms/vm-2/irqfds", "{\"fd\":4,\"gsi\":6}").ok();
    }
  }

  @TestFactory
  Stream<DynamicTest> isRefusedNamingWhatWasWrongAndNothingIsLost() {
    assertThat(table().count()).isGreaterThanOrEqualTo(60);
    return table()
        .map(hostile -> {
          String body = hostile.body() == null ? "" : hostile.body();
          String shown = body.length() > 80 ? body.substring(0, 80) + "…" : body;
          return DynamicTest.dynamicTest(hostile.line() + " " + shown, () -> isRefused(hostile));
        });
  }

  private void isRefused(Hostile hostile) throws Exception {
    BodyPublisher body =
        hostile.body() == null ? BodyPublishers.noBody() : BodyPublishers.ofString(hostile.body());
    check(send(hostile.line(), hostile.type(), body), hostile);
  }

  @Test
  void chunkedBodyPastTheLimitIsRefusedWhileItIsRead() throws Exception {
    // A stream of unknown length is sent in chunks, without a Content-Length.
    byte[] body = ("{\"name\":\"" + "n".repeat(MIB)).getBytes(StandardCharsets.US_ASCII);
    HttpResponse<String> answer =
        send(
            "POST $S/eventfds",
            JSON,
            BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)));

    check(answer, json("POST", "", 413, "E2BIG", "1048576"));
  }

  @Test
  void connectionThatEndsInTheMiddleOfABodyHarmsNobody() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      String head =
          "POST /v1/sandboxes/hostile/eventfds HTTP/1.1\r\nHost: x\r\nContent-Type: "
              + JSON
              + "\r\nContent-Length: 1000\r\n\r\n{\"initval\":";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer)
          .satisfiesAnyOf(
              text -> assertThat(text).isEmpty(),
              text -> assertThat(text).startsWith("HTTP/1.1 400"));
    }
    assertHealthy();
    assertThat(rest.get("/v1/sandboxes/hostile/eventfds").ok().body().path("items")).hasSize(2);
  }

  @Test
  void sandboxHeaderThatIsNotThePathsIsRefused() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(uri("/v1/sandboxes/hostile/vms")).header("Sandbox", "other").build();
    HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());

    check(answer, bare("GET", 400, "EINVAL", "other"));
  }

  private void check(HttpResponse<String> answer, Hostile hostile) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(hostile.status());
    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/problem+json");
    assertThat(answer.headers().firstValue("X-Request-Id")).isPresent();
    assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
    JsonNode problem = new ObjectMapper().readTree(answer.body());
    assertThat(problem.path("errno").asString()).as(answer.body()).isEqualTo(hostile.errno());
    assertThat(problem.path("status").asInt()).isEqualTo(hostile.status());
    assertThat(problem.path("type").asString()).isEqualTo("/problems/" + hostile.errno());
    assertThat(problem.path("detail").asString() + problem.path("errors"))
        .containsIgnoringCase(hostile.named());
    assertHealthy();
  }

  private void assertHealthy() {
    Rest.Answer signal =
        rest.post("/v1/sandboxes/hostile/eventfds/efd-1/signal?wait=settled", null);
    assertThat(signal.ok().text("outcome")).isEqualTo("INJECTED");
  }

  private HttpResponse<String> send(String line, String type, BodyPublisher body) throws Exception {
    int blank = line.indexOf(' ');
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                uri(line.substring(blank + 1).replace("$S", "/v1/sandboxes/hostile")))
            .method(line.substring(0, blank), body);
    if (!type.isEmpty()) {
      request.header("Content-Type", type);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }
}
