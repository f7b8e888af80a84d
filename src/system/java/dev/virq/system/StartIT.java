package dev.virq.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.Await;
import dev.virq.testing.ServerProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a start says, in a process of its own. */
@Tag("thorough")
class StartIT {
  private static final String MINE = "the-token-of-the-rigs-0001";
  private static final String OTHERS = "the-token-of-the-labs-0002";

  @TempDir Path directory;

  @Test
  void cleanStartTellsWhereThingsAreAndWarnsOfNothing() throws Exception {
    ProcessBuilder program =
        ServerProcess.program(List.of(), List.of("--server.port=0", "--management.server.port=0"));
    try (ServerProcess server = ServerProcess.start(program)) {
      int api = server.port();
      int management = server.port();
      // The lines come after both ports are open.
      Await.until(() -> server.log().contains("metrics at"));
      boolean _ = server.handle().destroy();
      assertThat(server.end(60)).isZero();

      assertThat(server.log().lines())
          .anyMatch(
              line -> line.endsWith("UI at http://127.0.0.1:" + api + "/swagger-ui/index.html"))
          .anyMatch(line ->
              line.endsWith(
                  "API at http://127.0.0.1:%d/v1, for this machine only, without a token"
                      .formatted(api)))
          .anyMatch(line ->
              line.endsWith("metrics at http://127.0.0.1:" + management + "/actuator/prometheus"))
          .noneMatch(line -> line.contains("WARN") || line.contains("ERROR"));
    }
  }

  @Test
  void misspeltVariableStopsTheStartWithoutAStackTrace() throws Exception {
    ProcessBuilder program = ServerProcess.program(List.of(), List.of("--server.port=0"));
    program.environment().put("VIRQ_WORKER", "3");
    try (ServerProcess server = ServerProcess.start(program)) {
      assertThat(server.end(60)).isEqualTo(1);

      assertThat(server.log())
          .contains("VIRQ_WORKER is not a setting; did you mean VIRQ_WORKERS?")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void sigtermDuringTheStartIsObeyedAndExitsWithZero() throws Exception {
    ProcessBuilder program = ServerProcess.program(List.of(), List.of("--server.port=0"));
    try (ServerProcess server = ServerProcess.start(program)) {
      // The sandboxes are made long before the web server.
      Await.until(() -> server.log().contains("begins epoch"));
      boolean _ = server.handle().destroy();

      assertThat(server.end(60)).as(server.log()).isZero();
    }
  }

  @Test
  void sandboxesOfAFileAreThereForTheTokenOfTheirPrefix() throws Exception {
    Path tokens =
        Files.writeString(directory.resolve("tokens"), "rig-: " + MINE + "\nlab-: " + OTHERS);
    Path rigs =
        Files.writeString(
            directory.resolve("rigs.yaml"), "sandboxes: [{name: rig-1, script: vm_create disk}]");
    List<String> settings =
        List.of("--server.port=0", "--virq.access.tokens-file=" + tokens, "--virq.init=" + rigs);
    try (ServerProcess server = ServerProcess.start(ServerProcess.program(List.of(), settings));
        HttpClient http = HttpClient.newHttpClient()) {
      URI vm =
          URI.create("http://127.0.0.1:%d/v1/sandboxes/rig-1/vms/vm-1".formatted(server.port()));

      HttpResponse<String> mine = get(http, vm, MINE);
      assertThat(mine.statusCode()).isEqualTo(200);
      assertThat(mine.body()).contains("\"name\":\"disk\"");
      assertThat(mine.headers().firstValue("Sandbox-Uid")).isPresent();
      assertThat(get(http, vm, OTHERS).statusCode()).isEqualTo(403);
      assertThat(get(http, vm, "a-token-that-nobody-knows").statusCode()).isEqualTo(401);
    }
  }

  private static HttpResponse<String> get(HttpClient http, URI uri, String token) throws Exception {
    return http.send(
        HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + token).build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
