package dev.virq.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.virq.VirqApplication;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Requests that are no text, or no HTTP, byte by byte. Each is answered with a problem that says
 * what is wrong and where, on the API's port and on a management port of its own, and none leaves
 * an error or a stack trace in the log.
 */
@SpringBootTest(
    classes = VirqApplication.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {"management.server.port=0", "virq.max-body=4KB"})
class IllFormedIT {
  private static final String S = "/v1/sandboxes/default";
  private static final String JSON = "Content-Type: application/json\r\n";
  private static final String CHUNKED = JSON + "Transfer-Encoding: chunked\r\n";

  @LocalServerPort int port;

  @Value("${local.management.port}")
  int managementPort;

  /**
   * A request and its answer.
   *
   * @param bytes that are sent, one a character; no more come then
   * @param status expected
   * @param errno expected
   * @param named what the detail has to say
   */
  private record Sent(String bytes, int status, String errno, String named) {}

  /** What came back. */
  private record Got(int status, List<String> head, String body) {
    String header(String name) {
      String start = name.toLowerCase(Locale.ROOT) + ":";
      return head.stream()
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
          .map(line -> line.substring(start.length()).strip())
          .findFirst()
          .orElse("");
    }
  }

  private static String get(String target) {
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }

  private static String with(String header) {
    return "GET " + S + "/vms HTTP/1.1\r\nHost: a\r\n" + header + "\r\n\r\n";
  }

  private static String post(String path, String headers, String body) {
    return "POST %s HTTP/1.1\r\nHost: a\r\n%sContent-Length: %d\r\n\r\n%s"
        .formatted(path, headers, body.length(), body);
  }

  private static String json(String body) {
    return post(S + "/vms", JSON, body);
  }

  private static String chunks(String path, String chunks) {
    return "POST %s HTTP/1.1\r\nHost: a\r\n%s\r\n%s".formatted(path, CHUNKED, chunks);
  }

  /** A request whose body ends before it is complete. */
  private static String broken(String method, String path) {
    return "%s %s HTTP/1.1\r\nHost: a\r\n%sContent-Length: 100\r\n\r\n{}"
        .formatted(method, path, JSON);
  }

  private static Sent bad(String bytes, String named) {
    return new Sent(bytes, 400, "EINVAL", named);
  }

  /** On either port: what is decided before any handler. */
  private static Stream<Sent> anywhere() {
    return Stream.of(
        bad(get("/v1/%ff"), "path segment \"%ff\" is not well-formed UTF-8"),
        bad(get("/v1/%c0%af"), "byte 0xc0 at offset 0"),
        bad(get("/v1/%e2%82"), "ends within a character"),
        bad(get("/v1/a%2fb"), "encoded slash"),
        bad(get("/v1/a%5cb"), "encoded slash or a backslash"),
        bad(get("/v1/a%00b"), "U+0000"),
        bad(get("/v1/%zz"), "percent-encoding"),
        bad(get("/v1/x/../y"), "dot segment"),
        bad(get("/v1/%2e%2E/y"), "dot segment"),
        bad(get("/v1;a=b"), "parameters after \";\""),
        bad(get("/v1?a=%ff"), "query parameter \"a=%ff\""),
        bad(get("/v1?%c0%80"), "query parameter"),
        bad(get("/v1?a=%"), "percent-encoding"),
        bad(get("/v1?a=%0a"), "U+000A"),
        bad(get("/v1?a=\u00ff"), "request target"),
        bad(with("X-Request-Id: a\u00ff"), "header X-Request-Id is not well-formed UTF-8"),
        bad(with("Cookie: a=\u00c0\u00af"), "header Cookie"),
        bad(with("X: \u0001"), "header line"),
        bad(with("No colon"), "header line"),
        bad(with(JSON + "Content-Type: text/plain"), "Content-Type is given 2 times"),
        bad("GET /v1 HTTP/1.1\r\n\r\n", "header Host is missing"),
        bad("GET /v1 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "header Host is given 2 times"),
        bad("GET /v1 HTTP/1.1\r\nHost: a b\r\n\r\n", "domain name"),
        bad("GET http://b/v1 HTTP/1.1\r\nHost: a\r\n\r\n", "header Host \"a\""),
        bad("GET ftp://a/v1 HTTP/1.1\r\nHost: a\r\n\r\n", "request target"),
        bad("GET * HTTP/1.1\r\nHost: a\r\n\r\n", "request target \"*\""),
        bad("GET /v1 JUNK\r\nHost: a\r\n\r\n", "HTTP protocol"),
        bad("\u0016\u0003\u0001\r\n\r\n", "method name"),
        bad(with("Content-Length: -1"), "Content-Length \"-1\""),
        bad(with("Content-Length: 1\r\nContent-Length: 2"), "Content-Length \"1, 2\""),
        bad(with("Transfer-Encoding: @@"), "Transfer-Encoding \"@@\""),
        new Sent(with("Expect: x"), 417, "EINVAL", "Expect \"x\""),
        new Sent(get("/" + "a".repeat(9000)), 414, "E2BIG", "request line"),
        new Sent(with("X: " + "a".repeat(9000)), 431, "E2BIG", "too large"),
        new Sent(with("X: a\r\n".repeat(120) + "Y: a"), 431, "E2BIG", "headers"),
        new Sent(with("Transfer-Encoding: gzip"), 501, "EOPNOTSUPP", "\"gzip\" is not chunked"),
        new Sent("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 501, "EOPNOTSUPP", "CONNECT"),
        new Sent("GET /v1 HTTP/3.0\r\nHost: a\r\n\r\n", 505, "EOPNOTSUPP", "\"HTTP/3.0\""),
        // Spring throws at it on a path that nothing handles.
        new Sent(
            "POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Type: */*\r\n\r\n",
            415,
            "EOPNOTSUPP",
            "Content-Type \"*/*\" is a wildcard"),
        new Sent(
            "GET /nowhere HTTP/1.1\r\nHost: a\r\nContent-Type: ;\r\n\r\n",
            415,
            "EOPNOTSUPP",
            "Content-Type \";\" is none"),
        new Sent(get("/nowhere"), 404, "ENOENT", "/nowhere"),
        new Sent(
            "GET /nowhere HTTP/1.1\r\nHost: a\r\nAccept: */*;q=x\r\n\r\n",
            404,
            "ENOENT",
            "/nowhere"),
        new Sent("TRACE /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 404, "ENOENT", "no such path"),
        new Sent("OPTIONS /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 404, "ENOENT", "/nowhere"));
  }

  /** On the API's port. */
  private static Stream<Sent> ofTheApi() {
    String types = "It takes [application/json]";
    return Stream.of(
        bad(json("{\"name\":\"a\u00c0\u00af\"}"), "byte 0xc0 at offset 10"),
        bad(json("{\"name\":\"\u00ed\u00a0\u0080\"}"), "not well-formed UTF-8"),
        bad(json("{\"name\":\"a\u00e2\u0082"), "ends within a character"),
        bad(json("{\"na\u00ffme\":1}"), "byte 0xff at offset 4"),
        bad(json("{\"name\":\"\\ud800\"}"), "half of a surrogate pair"),
        bad(json("{\"name\":\"\\udc00\\ud800\"}"), "half of a surrogate pair"),
        bad(json("{\"\\ud800\":1}"), "half of a surrogate pair"),
        bad(post("/v1/sandboxes", JSON, "{\"labels\":{\"a\":\"\\ud800b\"}}"), "surrogate"),
        bad(post("/v1/sandboxes", JSON, "{\"labels\":{\"a\":\"\\u0007\"}}"), "labels/a: has the"),
        bad(json("{\"name\":\"\\u0000\"}"), "name: has the control character U+0000"),
        bad(json("{\"name\":\"a\\u0085\"}"), "U+0085"),
        bad(json("\u00ef\u00bb\u00bf{}"), "byte order mark"),
        bad(json("{\0\"\0n\0a\0m\0e\0\"\0:\0\"\0u\0\"\0}\0"), "NUL at offset 1"),
        bad(post(S + "/scripts", "Content-Type: text/plain\r\n", "vm_create \u00ff"), "0xff"),
        bad(post(S + "/eventfds/3/dup", "", "\u00ff"), "body"),
        bad(chunks(S + "/vms", "zz\r\n{}\r\n0\r\n\r\n"), "Invalid chunk header"),
        bad(chunks(S + "/eventfds/3/dup", "zz\r\n{}\r\n0\r\n\r\n"), "Invalid chunk header"),
        bad(chunks(S + "/vms", "2\r\n{}XX\r\n0\r\n\r\n"), "Invalid end of line"),
        bad(chunks(S + "/vms", "2\r\n{}\r\n0\r\nb\u0001d\r\n\r\n"), "header line"),
        bad(chunks(S + "/vms", "5\r\n{}"), "ends before it is complete"),
        bad(
            "POST %s/vms HTTP/1.1\r\nHost: a\r\n%sContent-Length: 9\r\n\r\n{}".formatted(S, JSON),
            "ends before it is complete"),
        // Answered without their bodies, which then cannot be read.
        new Sent(broken("POST", S + "/vms/vm-1"), 405, "EOPNOTSUPP", "POST"),
        new Sent(broken("DELETE", "/v1"), 405, "EOPNOTSUPP", "DELETE"),
        new Sent(broken("POST", "/v1/nowhere"), 404, "ENOENT", "/v1/nowhere"),
        new Sent(
            chunks(S + "/vms/vm-1", "2\r\n{}\r\n0\r\nbad trailer\r\n\r\n"),
            405,
            "EOPNOTSUPP",
            "POST"),
        new Sent(json("{\"name\":\"" + "a".repeat(5000)), 413, "E2BIG", "4096"),
        new Sent(
            post(S + "/vms", "Content-Type: application/json;charset=utf-16\r\n", "{}"),
            415,
            "EOPNOTSUPP",
            "bodies are UTF-8"),
        bad(
            post(S + "/scripts", "Content-Type: text/plain;charset=iso-8859-1\r\n", "#\u00e4"),
            "only ASCII is taken"),
        new Sent(
            post(S + "/vms", JSON + "Content-Encoding: gzip\r\n", "{}"),
            415,
            "EOPNOTSUPP",
            "Content-Encoding \"gzip\""),
        new Sent(post(S + "/vms", "Content-Type: a/b\r\n", "{}"), 415, "EOPNOTSUPP", types),
        new Sent(post(S + "/vms", "Content-Type: ;;\r\n", "{}"), 415, "EOPNOTSUPP", "\";;\""));
  }

  @TestFactory
  Stream<DynamicTest> isRefusedOnThePortOfTheApi() {
    return Stream.concat(anywhere(), ofTheApi())
        .map(one -> DynamicTest.dynamicTest(shown(one), () -> check(one, port)));
  }

  @TestFactory
  Stream<DynamicTest> isRefusedOnAManagementPortOfItsOwn() {
    Stream<Sent> own =
        Stream.of(
            bad(get("/actuator/prometheus?includedNames=%ff"), "includedNames=%ff"),
            bad(get("/actuator/prometheus?=&=b"), "query"),
            bad(get("/actuator/health?" + "a&".repeat(1500)), "query"),
            new Sent(get("/actuator/health/x"), 404, "ENOENT", "/actuator/health/x"),
            new Sent(get("/actuator/health/liveness/x"), 404, "ENOENT", "/liveness/x"),
            new Sent(get("/actuator"), 404, "ENOENT", "/actuator"),
            new Sent(get(S), 404, "ENOENT", S),
            new Sent(
                post("/actuator/health", JSON, "{}"),
                405,
                "EOPNOTSUPP",
                "method POST is not supported; only GET is"));
    return Stream.concat(anywhere(), own)
        .map(one -> DynamicTest.dynamicTest(shown(one), () -> check(one, managementPort)));
  }

  private static String shown(Sent one) {
    String line = one.bytes().lines().findFirst().orElse("");
    return one.status() + " " + (line.length() < 60 ? line : line.substring(0, 60)) + one.named();
  }

  private static void check(Sent sent, int port) throws IOException {
    Got got;
    ListAppender<ILoggingEvent> log = watch();
    try {
      got = exchange(sent.bytes(), port);
    } finally {
      root().detachAppender(log);
    }

    assertThat(got.status()).as(got.body()).isEqualTo(sent.status());
    assertThat(got.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(got.header("Cache-Control")).isEqualTo("no-store");
    assertThat(got.header("X-Node")).isNotEmpty();
    JsonNode problem = JsonMapper.shared().readTree(got.body());
    assertThat(problem.path("errno").asString()).isEqualTo(sent.errno());
    assertThat(problem.path("type").asString()).isEqualTo("/problems/" + sent.errno());
    assertThat(problem.path("status").asInt()).isEqualTo(sent.status());
    assertThat(problem.path("requestId").asString()).isEqualTo(got.header("X-Request-Id"));
    assertThat(problem.path("detail").asString()).contains(sent.named());
    assertThat(log.list)
        .noneMatch(line -> line.getThrowableProxy() != null)
        .noneMatch(line -> line.getLevel().isGreaterOrEqual(Level.WARN));
  }

  @Test
  void allowListsWhatThePathTakesAndNoMore() throws IOException {
    assertAllow("OPTIONS", S, 200, "DELETE, GET, HEAD, OPTIONS, PUT");
    assertAllow("OPTIONS", S + "/vms", 200, "GET, HEAD, OPTIONS, POST");
    assertAllow("OPTIONS", S + "/eventfds/3/signal", 200, "OPTIONS, POST");
    assertAllow("OPTIONS", "/swagger-ui/index.html", 200, "GET, HEAD, OPTIONS");
    assertAllow("OPTIONS", "/nowhere", 404, "");
    for (String method : List.of("TRACE", "PATCH", "PROPFIND", "get")) {
      assertAllow(method, S + "/vms", 405, "GET, HEAD, OPTIONS, POST");
    }
    Got preflight =
        exchange(
            "OPTIONS %s HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\nAccess-Control-Request-Method: PUT\r\n\r\n"
                .formatted(S),
            port);
    assertThat(preflight.header("Allow")).doesNotContain("TRACE", "PATCH");
  }

  private void assertAllow(String method, String path, int status, String allow)
      throws IOException {
    Got got = exchange(method + " " + path + " HTTP/1.1\r\nHost: a\r\n\r\n", port);

    assertThat(got.status()).as("%s %s", method, path).isEqualTo(status);
    List<String> methods =
        Stream.of(got.header("Allow").split(",")).map(String::strip).sorted().toList();
    assertThat(String.join(", ", methods)).as("%s %s", method, path).isEqualTo(allow);
  }

  @Test
  void answerHasTheFormOfItsOwnRequestNotOfAnEarlierOne() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write("GET /v1\r\n".getBytes(ISO_8859_1));
      // The body alone: HTTP/0.9 has no status.
      assertThat(socket.getInputStream().readAllBytes()).startsWith('{');
    }

    assertThat(exchange("GET /v1 JUNK\r\nHost: a\r\n\r\n", port).status()).isEqualTo(400);
  }

  @Test
  void answerDoesNotWaitForTheRestOfABodyAndTheConnectionIsKept() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(broken("POST", "/v1/nowhere").getBytes(ISO_8859_1));
      StringBuilder answer = new StringBuilder();
      while (answer.indexOf("}\n") < 0) {
        int next = socket.getInputStream().read();
        assertThat(next).as(answer.toString()).isNotNegative();
        answer.append((char) next);
      }
      assertThat(answer).startsWith("HTTP/1.1 404");

      String rest = " ".repeat(98);
      String next = "GET /v1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write((rest + next).getBytes(ISO_8859_1));
      assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
          .startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void textOfAnyLanguageIsTaken() throws IOException {
    Got got = exchange(json("{\"name\":\"\u00c3\u00a4\\ud83d\\ude00\\u20ac\"}"), port);

    assertThat(got.status()).isEqualTo(201);
    assertThat(got.body()).contains("\"\u00c3\u00a4\u00f0\u009f\u0098\u0080\u00e2\u0082\u00ac\"");
    assertThat(exchange(with("X-A: \u00c3\u00a4"), port).status()).isEqualTo(200);
    assertThat(
            exchange(
                    post(S + "/vms", "Content-Type: application/json; charset=\"UTF-8\"\r\n", "{}"),
                    port)
                .status())
        .isEqualTo(201);
    // What some clients name for every text; of ASCII it is true.
    assertThat(
            exchange(
                    post(S + "/scripts", "Content-Type: text/plain;charset=ISO-8859-1\r\n", "#"),
                    port)
                .status())
        .isEqualTo(200);
  }

  @Test
  void linkOfEveryProblemLeadsToItsText() throws IOException {
    Stream.concat(anywhere(), ofTheApi())
        .map(Sent::errno)
        .distinct()
        .forEach(errno -> {
          try {
            assertThat(exchange(get("/problems/" + errno), port).status()).isEqualTo(200);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  }

  private static ListAppender<ILoggingEvent> watch() {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.setContext(root().getLoggerContext());
    log.start();
    root().addAppender(log);
    return log;
  }

  private static Got exchange(String bytes, int port) throws IOException {
    String answer;
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
      socket.shutdownOutput();
      answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
    int blank = answer.indexOf("\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 ");
    List<String> head = new ArrayList<>(List.of(answer.substring(0, blank).split("\r\n")));
    String body = answer.substring(blank + 4);
    if (answer.substring(0, blank).toLowerCase(Locale.ROOT).contains("\r\ntransfer-encoding:")) {
      StringBuilder whole = new StringBuilder();
      for (int at = 0; ; ) {
        int line = body.indexOf("\r\n", at);
        int size = Integer.parseInt(body.substring(at, line), 16);
        if (size == 0) {
          break;
        }
        whole.append(body, line + 2, line + 2 + size);
        at = line + 2 + size + 2;
      }
      body = whole.toString();
    }
    return new Got(Integer.parseInt(answer.substring(9, 12)), head, body);
  }
}
