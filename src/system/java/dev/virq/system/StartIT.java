package dev.virq.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.Await;
import dev.virq.testing.ServerProcess;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a start says, in a process of its own. */
class StartIT {

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
          .anyMatch(line -> line.endsWith("API at http://127.0.0.1:" + api + "/v1"))
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
}
