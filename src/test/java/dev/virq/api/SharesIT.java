package dev.virq.api;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import dev.virq.share.Shares;
import dev.virq.testing.Await;
import dev.virq.testing.Call;
import dev.virq.testing.OwnTomcat;
import io.restassured.RestAssured;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.databind.json.JsonMapper;

/** Who is served, when everything there is for calls or scripts is taken. */
@TestPropertySource(
    properties = {
      "virq.shares.calls=1",
      "virq.shares.calls-queued=1",
      "virq.shares.scripts=1",
      "virq.shares.scripts-queued=1",
      "virq.requests.memory=100KB",
      "virq.requests.connections=50",
      "virq.limits.script-answer=200",
      "management.server.port=0",
      "management.endpoint.health.show-details=always"
    })
@Import(SharesIT.Threads.class)
class SharesIT extends OverHttp {
  @Autowired
  @Qualifier("requestShares")
  private Shares calls;

  @Autowired
  @Qualifier("scriptShares")
  private Shares scripts;

  @Value("${local.management.port}")
  private int management;

  /** Tells on which kind of thread health is asked. */
  @TestConfiguration(proxyBeanMethods = false)
  static class Threads {
    @Bean
    HealthIndicator thread() {
      return () -> Health.up().withDetail("virtual", Thread.currentThread().isVirtual()).build();
    }

    @Bean
    Servers servers() {
      return new Servers();
    }
  }

  /** The web servers, that of the management port too, whose context is told of here. */
  static class Servers implements ApplicationListener<WebServerInitializedEvent> {
    private final Map<Integer, TomcatWebServer> byPort = new ConcurrentHashMap<>();

    @Override
    public void onApplicationEvent(WebServerInitializedEvent event) {
      byPort.put(event.getWebServer().getPort(), (TomcatWebServer) event.getWebServer());
    }

    Object maxConnections(int port) {
      return byPort.get(port).getTomcat().getConnector().getProperty("maxConnections");
    }
  }

  @Autowired private Servers servers;

  @Autowired private JsonMapper json;

  private io.restassured.response.Response script(String text) {
    return call().contentType("text/plain").body(text).post(sandbox + "/scripts");
  }

  @Test
  void silentConnectionsAreClosedWhenAllAreTaken() throws IOException {
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 60; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        silent.add(socket);
        // By themselves they would be closed after a minute.
        socket.setSoTimeout(30_000);
        socket.getOutputStream().write("GET /v1 HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(US_ASCII));
        assertThat(socket.getInputStream().read()).as("connection %d", i).isEqualTo('H');
      }
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  @Test
  void busyConnectionsAreTakenInTurnWhenThereAreMoreThanMayBeOpen() throws Exception {
    int clients = 60;
    CountDownLatch unanswered = new CountDownLatch(clients);
    List<Call<Boolean>> all = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      all.add(Call.start(() -> keepsAsking(unanswered)));
    }
    for (Call<Boolean> each : all) {
      assertThat(each.get()).isTrue();
    }
  }

  /** Asks over a connection that it keeps as long as it may, until all have been answered. */
  private boolean keepsAsking(CountDownLatch unanswered) throws IOException {
    boolean answered = false;
    while (unanswered.getCount() > 0) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout(30_000);
        boolean open = true;
        while (open && unanswered.getCount() > 0) {
          socket.getOutputStream().write("HEAD /v1 HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(US_ASCII));
          String answer = OwnTomcat.head(socket);
          if (!answered) {
            answered = true;
            unanswered.countDown();
          }
          open = !answer.contains("Connection: close");
        }
      }
    }
    return answered;
  }

  @Test
  void connectorTakesNoMoreConnectionsThanItIsAllowed() {
    assertThat(servers.maxConnections(port)).isEqualTo(50);
    assertThat(servers.maxConnections(management)).isEqualTo(64);
  }

  @Test
  void buffersThatAreKeptForJsonAreBounded() {
    assertThat(json.tokenStreamFactory()._getRecyclerPool())
        .isInstanceOf(JsonRecyclerPools.BoundedPool.class);
  }

  @Test
  void scriptsPastTheQueueAreRefusedAtOnceAndTheOthersRunInTurn() throws Exception {
    Call<Integer> first;
    try (Shares.Share _ = scripts.enter("another")) {
      first = Call.start(() -> script("vm_create v0\n").statusCode());
      Await.until(() -> scripts.waiting() == 1);

      script("vm_create v0\n")
          .then()
          .statusCode(429)
          .header("Retry-After", "1")
          .body("errno", equalTo("EAGAIN"))
          .body("detail", containsString("limit of 1 scripts"));
      // A script that waits for its turn keeps no place among the calls.
      call().get(sandbox).then().statusCode(200);
    }

    assertThat(first.get()).isEqualTo(200);
    Await.until(() -> scripts.running() == 0);
  }

  @Test
  void callsPastTheQueueAreRefusedAtOnceButHealthAnswersOnThreadsOfItsOwn() throws Exception {
    Call<Integer> first;
    try (Shares.Share _ = calls.enter("another")) {
      first = Call.start(() -> call().get(sandbox).statusCode());
      Await.until(() -> calls.waiting() == 1);

      call()
          .get(sandbox)
          .then()
          .statusCode(429)
          .header("Retry-After", "1")
          .body("errno", equalTo("EAGAIN"));
      RestAssured.given()
          .port(management)
          .get("/actuator/health")
          .then()
          .statusCode(200)
          .body("components.thread.details.virtual", equalTo(false));
    }

    assertThat(first.get()).isEqualTo(200);
  }

  @Test
  void aCallThatWaitsKeepsNoPlace() throws Exception {
    call("{}").post(sandbox + "/eventfds").then().statusCode(201);
    Call<Integer> reader =
        Call.start(() -> call().post(sandbox + "/eventfds/3/read?timeout=PT1M").statusCode());
    Await.until(() -> calls.running() == 0 && !reader.isDone());

    // The only place is free for the one that ends the wait.
    call("{}").post(sandbox + "/eventfds/3/signal").then().statusCode(200);

    assertThat(reader.get()).isEqualTo(200);
  }

  @Test
  void whatDoesNotFitIntoTheHeapForRequestsIsRefusedAtOnce() {
    script("# long\n".repeat(1_000))
        .then()
        .statusCode(429)
        .header("Retry-After", "1")
        .body("errno", equalTo("ENFILE"))
        .body("detail", containsString("bytes for requests under way"));
    call().get(sandbox + "/vms?pageSize=1000").then().statusCode(429);
    call().get(sandbox + "/vms?pageSize=10").then().statusCode(200);
  }

  @Test
  void pathThatIsWrittenOtherwiseIsNoWayAround() throws Exception {
    HttpRequest script =
        HttpRequest.newBuilder(
                URI.create(
                    "http://localhost:" + port + sandbox.replace("/v1/", "/%76%31/") + "/scripts"))
            .header("Content-Type", "text/plain")
            .POST(BodyPublishers.ofString("# long\n".repeat(1_000)))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      assertThat(client.send(script, BodyHandlers.ofString()).statusCode()).isEqualTo(429);
    }
  }

  @Test
  void scriptThatWaitedRunsInTheLifeThatItWasMeantFor() throws Exception {
    Call<Integer> meant;
    try (Shares.Share _ = scripts.enter("another")) {
      meant =
          Call.start(() ->
              call()
                  .contentType("text/plain")
                  .body("eventfd_create e 0\n")
                  .post(sandbox + "/scripts?keep=true")
                  .statusCode());
      Await.until(() -> scripts.waiting() == 1);
      call().post(sandbox + "/reset").then().statusCode(200);
    }
    int _ = meant.get();

    call().get(sandbox + "/eventfds").then().statusCode(200).body("items", empty());
  }

  @Test
  void anAnswerThatGrowsTooLongEndsTheScript() {
    script("vm_create v0\n".repeat(20))
        .then()
        .statusCode(413)
        .body("errno", equalTo("E2BIG"))
        .body("detail", containsString("longer than 200 bytes"));
  }

  private io.restassured.response.Response bulk(String items) {
    return call("{\"items\":[" + items + "]}").post(sandbox + "/signals");
  }

  private void counterIs(String counter) {
    call().get(sandbox + "/eventfds/efd-1").then().body("counter", equalTo(counter));
  }

  @Test
  void writesInBulkTakeTheirTurnAmongScripts() throws Exception {
    call("{}").post(sandbox + "/eventfds").then().statusCode(201);
    Call<Integer> first;
    try (Shares.Share _ = scripts.enter("another")) {
      first = Call.start(() -> bulk("{\"eventfd\":\"3\"}").statusCode());
      Await.until(() -> scripts.waiting() == 1);

      bulk("{\"eventfd\":\"3\"}")
          .then()
          .statusCode(429)
          .header("Retry-After", "1")
          .body("errno", equalTo("EAGAIN"));
      counterIs("0");
    }

    assertThat(first.get()).isEqualTo(200);
    counterIs("1");
    Await.until(() -> scripts.running() == 0);
  }

  @Test
  void whatWritesInBulkKeepForTheirAnswerIsChargedBeforeAnyIsMade() {
    call("{}").post(sandbox + "/eventfds").then().statusCode(201);

    bulk("{\"eventfd\":\"3\",\"repeat\":1000}")
        .then()
        .statusCode(429)
        .header("Retry-After", "1")
        .body("errno", equalTo("ENFILE"));
    counterIs("0");

    // In lines, what came before is written, and all after it is told.
    call()
        .contentType("application/x-ndjson")
        .body(
            """
            {"eventfd":"3"}
            {"eventfd":"3","repeat":1000}
            {"eventfd":"3"}
            {"eventfd":"3"}
            """
                .getBytes(UTF_8))
        .post(sandbox + "/signals")
        .then()
        .statusCode(200)
        .body("accepted", equalTo(1))
        .body("failed", equalTo(3))
        .body("results", hasSize(2))
        .body("results[1].problem.errno", equalTo("ENFILE"));
    counterIs("1");
  }
}
