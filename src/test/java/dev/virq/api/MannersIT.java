package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.restassured.RestAssured;
import io.restassured.config.DecoderConfig;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What HTTP's clients expect of any server. */
@ExtendWith(OutputCaptureExtension.class)
class MannersIT extends OverHttp {

  /** A client that asks for no compression, which REST Assured does by itself. */
  private RequestSpecification plain() {
    return RestAssured.given()
        .config(
            RestAssured.config().decoderConfig(DecoderConfig.decoderConfig().noContentDecoders()))
        .port(port);
  }

  private void createdAt(Response made, String path) {
    made.then().statusCode(201).header("Location", path);
    call().get(path).then().statusCode(200);
  }

  @Test
  void whatIsMadeIsFoundWhereTheAnswerSays() {
    createdAt(call("{}").put(sandbox + "-b"), sandbox + "-b");
    createdAt(call("{\"name\":\"" + name + "-c\"}").post("/v1/sandboxes"), sandbox + "-c");
    createdAt(call("{\"irqchip\":\"NONE\"}").post(sandbox + "/vms"), sandbox + "/vms/vm-1");
    createdAt(
        call("{\"kind\":\"KERNEL\"}").put(sandbox + "/vms/vm-1/irqchip"),
        sandbox + "/vms/vm-1/irqchip");
    createdAt(call("{\"id\":0}").post(sandbox + "/vms/vm-1/vcpus"), sandbox + "/vms/vm-1/vcpus/0");
    createdAt(call("{}").post(sandbox + "/eventfds"), sandbox + "/eventfds/efd-1");
    createdAt(call().post(sandbox + "/eventfds/efd-1/dup"), sandbox + "/eventfds/4");
    createdAt(
        call("{\"fd\":3,\"gsi\":5}").post(sandbox + "/vms/vm-1/irqfds"),
        sandbox + "/vms/vm-1/irqfds/irqfd-1");
    createdAt(
        call("{\"point\":\"inject.enter\"}").post(sandbox + "/breakpoints"),
        sandbox + "/breakpoints/bp-1");
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    call().get(sandbox + "/vms/vm-2/irqfds/irqfd-1").then().statusCode(404);
    call()
        .post(sandbox + "/pipes")
        .then()
        .statusCode(201)
        .header("Location", sandbox + "/eventfds/5");
    call().delete(sandbox + "/eventfds/5").then().statusCode(200);
  }

  @Test
  void whatCanBeDeletedCanBeShown() {
    Map<String, Map<String, Object>> paths = JsonPath.from(madeDocument()).getMap("paths");

    List<String> deleted =
        paths.keySet().stream().filter(path -> paths.get(path).containsKey("delete")).toList();

    assertThat(deleted).hasSize(5).allMatch(path -> paths.get(path).containsKey("get"));
  }

  /** The answers' heads and what the connection has left, to requests over one connection. */
  private List<String> overOneConnection(String... requests) throws IOException {
    List<String> heads = new ArrayList<>();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      for (String request : requests) {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        StringBuilder head = new StringBuilder();
        int length = 0;
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
          head.append(line).append('\n');
          if (line.startsWith("Content-Length: ")) {
            length = Integer.parseInt(line.substring("Content-Length: ".length()));
          }
        }
        heads.add(head.toString());
        for (int i = 0; i < length; i++) {
          assertThat(in.read()).isNotNegative();
        }
      }
    }
    return heads;
  }

  private static String post(String path, String type, String body) {
    return "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(path, type, body.length(), body);
  }

  @Test
  void anOrdinaryRefusalKeepsTheConnection() throws IOException {
    String json = "application/json";
    String vms = sandbox + "/vms";
    List<String> heads =
        overOneConnection(
            post(vms, json, "{bad"),
            post(vms, json, "[1]"),
            post(vms, json, "{\"x\":1}"),
            post(vms, json, "{\"irqchip\":\"kernel\"}"),
            post(vms, json, "\u00ff".repeat(9)),
            post(vms + "?x=1", json, "{\"name\":\"" + "n".repeat(20_000) + "\"}"),
            "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /" + "%c0%c0" + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
            post(vms, json, "{}"));

    assertThat(heads).hasSize(9);
    assertThat(heads.subList(0, 8))
        .allSatisfy(head ->
            assertThat(head)
                .startsWith("HTTP/1.1 400 EINVAL: ")
                .doesNotContainIgnoringCase("Connection: close"));
    assertThat(heads.getLast()).startsWith("HTTP/1.1 201 Created\n");
  }

  @Test
  void aHeadThatCannotBeReadEndsTheConnection() throws IOException {
    assertThat(overOneConnection("GET / HTTP/1.1\r\nno header\r\nHost: a\r\nHost: b\r\n\r\n"))
        .allSatisfy(head ->
            assertThat(head)
                .startsWith("HTTP/1.1 400 EINVAL: ")
                .containsIgnoringCase("Connection: close"));
    assertThat(
            overOneConnection(
                "POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
                    .formatted(sandbox + "/vms")))
        .allSatisfy(head ->
            assertThat(head)
                .startsWith("HTTP/1.1 400 EINVAL: ")
                .containsIgnoringCase("Connection: close"));
  }

  @Test
  void theStatusLineSaysWhy() throws IOException {
    assertThat(
            overOneConnection(
                "GET %s/vms/vm-99 HTTP/1.1\r\nHost: localhost\r\n\r\n".formatted(sandbox)))
        .allSatisfy(
            head -> assertThat(head).startsWith("HTTP/1.1 404 ENOENT: VM vm-99 is unknown\n"));
  }

  @Test
  void bodiesEndWithALine() {
    for (String path :
        List.of("/v1", "/v1/points", sandbox, sandbox + "/vms/vm-9", "/nosuch", "/%c0%c0")) {
      Response answer = plain().urlEncodingEnabled(false).get(path);

      assertThat(answer.asString()).as(path).endsWith("}\n").doesNotEndWith("\n\n");
      if (path.startsWith("/v1/")) {
        assertThat(answer.header("Content-Length"))
            .as(path)
            .isEqualTo(Integer.toString(answer.asByteArray().length));
      }
    }
  }

  @Test
  void longAnswersAreCompressedForWhoAsks() {
    Response asked =
        RestAssured.given().port(port).header("Accept-Encoding", "gzip").get("/v1/points");
    Response notAsked = plain().get("/v1/points");

    asked.then().header("Content-Encoding", "gzip").body("items[0].name", equalTo("wakeup.pollin"));
    assertThat(notAsked.header("Content-Encoding")).isNull();
    assertThat(notAsked.header("Vary")).containsIgnoringCase("accept-encoding");
    assertThat(asked.asString()).isEqualTo(notAsked.asString());
    call().header("Accept-Encoding", "gzip").get(sandbox).then().statusCode(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "wait|{\"for\":\"SETTLED\"}|[settled, parked, injected, released]",
        "vms|{\"irqchip\":\"kernel\"}|[KERNEL, SPLIT, NONE]",
        "breakpoints|{\"point\":\"inject.enter\",\"action\":\"hold\"}|[HOLD, DELAY]",
        "signals|{\"items\":[],\"order\":\"given\"}|[GIVEN, SHUFFLED]",
        "eventfds/3/signal?wait=SETTLED|{}|is not one of [none, settled]; did you mean settled?",
      })
  void aWrongWordIsAnsweredWithThoseThatAreTaken(String path, String body, String words) {
    hostile(body)
        .post(sandbox + "/" + path)
        .then()
        .statusCode(400)
        .body("detail", containsString(words));
  }

  @Test
  void aWrongMediaTypeIsAnsweredWithBothSides() {
    hostile()
        .contentType("text/xml")
        .body("<a/>")
        .post(sandbox + "/vms")
        .then()
        .statusCode(415)
        .body("detail", containsString("text/xml"))
        .body("detail", containsString("application/json"));
  }

  @Test
  void theAddressAloneLeadsToThePage() {
    Response led = RestAssured.given().port(port).redirects().follow(false).get("/");

    assertThat(led.statusCode()).isEqualTo(302);
    assertThat(led.header("Location")).endsWith("/ui/index.html");
    String page =
        RestAssured.given().port(port).get("/").then().statusCode(200).extract().asString();
    // From there one click leads to where each call can be tried.
    assertThat(page).contains("href=\"/swagger-ui/index.html\"");
  }

  @Test
  void linksLeadSomewhere() {
    Map<String, String> links = call().get("/v1").jsonPath().getMap("links");

    assertThat(links).containsKeys("sandboxes", "operations", "ui", "health", "metrics");
    links.forEach((link, path) -> RestAssured.given().port(port).get(path).then().statusCode(200));
  }

  @Test
  void whatClientsDoWrongIsNoWarning(CapturedOutput log) {
    RestAssured.given().port(port).get("/nosuch").then().statusCode(404);
    RestAssured.given().port(port).get(sandbox + "/vms/vm-9").then().statusCode(404);
    RestAssured.given().port(port).patch(sandbox).then().statusCode(405);
    RestAssured.given().port(port).accept("text/xml").get(sandbox).then().statusCode(406);
    hostile("{").post(sandbox + "/vms").then().statusCode(400);

    assertThat(log.getAll()).doesNotContain(" WARN ", " ERROR ");
  }
}
