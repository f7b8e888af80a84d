package dev.virq.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.virq.testing.Await;
import dev.virq.testing.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The image, run as a container engine would run it: what it says itself about user, directory,
 * environment and command, as process 1 on a read-only root.
 */
final class Container implements AutoCloseable {
  private static final Path CONTAIN = Path.of("src/deploy/resources/deploy/contain.sh");

  private static final String READINESS = "/actuator/health/readiness";

  private final ServerProcess process;
  private final String api;
  private final String management;

  private Container(ServerProcess process) throws InterruptedException {
    this.process = process;
    this.api = "http://127.0.0.1:" + process.port();
    this.management = "http://127.0.0.1:" + process.port();
  }

  /** Starts it with this environment besides its own, and waits until it serves. */
  static Container start(Map<String, String> environment) throws IOException, InterruptedException {
    JsonNode image = Buildah.configuration();
    String[] user = image.path("User").asText().split(":", 2);
    List<String> command =
        new ArrayList<>(List.of("unshare", "--mount", "--pid", "--fork", "--kill-child"));
    command.addAll(List.of("sh", CONTAIN.toString(), Buildah.root().toString()));
    command.addAll(List.of(image.path("WorkingDir").asText(), user[0], user[1]));
    image.path("Entrypoint").forEach(word -> command.add(word.asText()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    for (JsonNode variable : image.path("Env")) {
      String[] pair = variable.asText().split("=", 2);
      builder.environment().put(pair[0], pair[1]);
    }
    builder.environment().putAll(environment);
    ServerProcess process = ServerProcess.start(builder);
    try {
      Container container = new Container(process);
      // Its ports are open a moment before it is ready.
      Await.until(container::isReady);
      return container;
    } catch (InterruptedException | AssertionError e) {
      process.close();
      throw e;
    }
  }

  private boolean isReady() {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest probe = HttpRequest.newBuilder(URI.create(management + READINESS)).build();
      return client.send(probe, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Where the API is. */
  String api() {
    return api;
  }

  /** Where health and metrics are. */
  String management() {
    return management;
  }

  /** What it has said. */
  String log() {
    return process.log();
  }

  /** A file of /proc about process 1. */
  String proc(String file) throws IOException {
    return Files.readString(Path.of("/proc/" + first().pid() + "/" + file));
  }

  /** Sends SIGTERM to process 1 and waits for its end: the exit code. */
  int stop() throws Exception {
    assertThat(first().destroy()).isTrue();
    // Kubernetes kills after its grace period; 5 of its 40 s are the sleep before SIGTERM.
    return process.end(35);
  }

  @Override
  public void close() {
    process.close();
  }

  private ProcessHandle first() {
    return process.handle().children().findFirst().orElseThrow();
  }
}
