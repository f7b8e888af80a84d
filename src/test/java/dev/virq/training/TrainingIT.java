package dev.virq.training;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.virq.VirqApplication;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.json.JsonMapper;

/** A training run calls everything, and ends at the first answer that is not the documented one. */
@SpringBootTest(
    classes = VirqApplication.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class TrainingIT {
  private static final int WALKS = 2;

  @Autowired private MeterRegistry meters;
  @LocalServerPort private int port;

  private static Training training(int port) {
    String server = "http://127.0.0.1:" + port;
    return new Training(server, List.of(server + "/ui/index.html"), WALKS, 10);
  }

  @Test
  void everyOperationOfTheDocumentIsCalled() throws Exception {
    Map<String, Long> before = called();

    try (Training training = training(port)) {
      assertThat(training.run()).isGreaterThan(WALKS * documented().size());
    }

    Map<String, Long> after = called();
    assertThat(documented())
        .allSatisfy(operation ->
            assertThat(after.getOrDefault(operation, 0L))
                .isGreaterThanOrEqualTo(before.getOrDefault(operation, 0L) + WALKS));
  }

  private Map<String, Long> called() {
    return meters.find("http.server.requests").timers().stream()
        .collect(
            Collectors.groupingBy(
                timer -> timer.getId().getTag("method") + " " + timer.getId().getTag("uri"),
                Collectors.summingLong(Timer::count)));
  }

  private static List<String> documented() throws IOException {
    String document = Files.readString(Path.of("src/docs/openapi.json"));
    return DocumentedCall.all(JsonMapper.shared().readTree(document)).stream()
        .map(DocumentedCall::toString)
        .toList();
  }

  @Test
  void answerThatIsNoSuccessEndsIt() throws IOException {
    HttpServer server =
        server(exchange -> {
          byte[] body = "{\"errno\":\"EACCES\"}".getBytes(UTF_8);
          boolean page = exchange.getRequestURI().getPath().startsWith("/ui/");
          exchange.sendResponseHeaders(page ? 200 : 401, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    try (Training training = training(server.getAddress().getPort())) {
      assertThatThrownBy(training::run)
          .isInstanceOf(TrainingFailure.class)
          .hasMessage("GET /v3/api-docs was answered 401: {\"errno\":\"EACCES\"}");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void answerThatDoesNotComeEndsIt() throws IOException {
    HttpServer server = server(HttpExchange::close);
    try (Training training = training(server.getAddress().getPort())) {
      assertThatThrownBy(training::run)
          .isInstanceOf(TrainingFailure.class)
          .hasMessageStartingWith("GET /ui/index.html was not answered: ");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void documentOfAnotherProgramEndsIt() throws IOException {
    HttpServer server =
        server(exchange -> {
          byte[] body =
              "{\"paths\":{\"/\":{\"get\":{\"responses\":{\"2xx\":{}}}}}}".getBytes(UTF_8);
          exchange.sendResponseHeaders(
              exchange.getRequestMethod().equals("PUT") ? 201 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    try (Training training = training(server.getAddress().getPort())) {
      assertThatThrownBy(training::run)
          .isInstanceOf(TrainingFailure.class)
          .hasMessageContaining("2xx");
    } finally {
      server.stop(0);
    }
  }

  private static HttpServer server(HttpHandler handler) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", handler);
    server.start();
    return server;
  }
}
