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
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
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
  @Autowired private MeterRegistry meters;
  @LocalServerPort private int port;

  private static Training training(int port) {
    URI server = URI.create("http://127.0.0.1:" + port);
    return new Training(server, server, 2, 10);
  }

  @Test
  void everyOperationOfTheDocumentIsCalled() throws Exception {
    try (Training training = training(port)) {
      assertThat(training.run()).isGreaterThan(2 * documented().size());
    }

    Set<String> called =
        meters.find("http.server.requests").timers().stream()
            .map(Timer::getId)
            .map(id -> id.getTag("method") + " " + id.getTag("uri"))
            .collect(Collectors.toSet());
    assertThat(called).containsAll(documented());
  }

  private static List<String> documented() throws IOException {
    String document = Files.readString(Path.of("src/docs/openapi.json"));
    return DocumentedCall.all(JsonMapper.shared().readTree(document)).stream()
        .map(DocumentedCall::toString)
        .toList();
  }

  @Test
  void answerThatIsNotDocumentedEndsIt() throws IOException {
    HttpServer server =
        server(exchange -> {
          byte[] body = "{\"errno\":\"EACCES\"}".getBytes(UTF_8);
          boolean health = exchange.getRequestURI().getPath().startsWith("/actuator/health");
          exchange.sendResponseHeaders(health ? 200 : 401, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    try (Training training = training(server.getAddress().getPort())) {
      assertThatThrownBy(training::run)
          .isInstanceOf(TrainingFailure.class)
          .hasMessage("GET /actuator/prometheus was answered 401: {\"errno\":\"EACCES\"}");
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
          .hasMessageStartingWith("GET /actuator/health/readiness was not answered: ");
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
