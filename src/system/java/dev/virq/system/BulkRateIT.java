package dev.virq.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.ServerProcess;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What one request for many signals saves over a request each. The ratio is told, not asserted. */
@Tag("thorough")
class BulkRateIT {
  private static final int SIGNALS = 1000;
  private static final int ROUNDS = 3;
  private static final String SANDBOX = "/v1/sandboxes/rate";

  @Test
  void thousandSignalsInOneRequestAreAllInjected() throws Exception {
    try (ServerProcess server =
        ServerProcess.start(
            ServerProcess.program(List.of("-Xmx512m"), List.of("--server.port=0")))) {
      Rest rest = new Rest(server.port());
      Rest.Answer _ = rest.put(SANDBOX, "{}").ok();
      Rest.Answer _ = rest.post(SANDBOX + "/vms", "{}").ok();
      // More lines than a chip has pins, each a message of its own.
      String routes =
          IntStream.range(0, SIGNALS)
              .mapToObj("{\"gsi\":%d,\"msi\":{\"address\":4276092928,\"data\":65}}"::formatted)
              .collect(Collectors.joining(",", "{\"entries\":[", "]}"));
      Rest.Answer _ = rest.put(SANDBOX + "/vms/vm-1/routing", routes).ok();
      for (int i = 0; i < SIGNALS; i++) {
        Rest.Answer _ = rest.post(SANDBOX + "/eventfds", "{}").ok();
        String bind = "{\"eventfd\":\"efd-%d\",\"gsi\":%d}".formatted(i + 1, i);
        Rest.Answer _ = rest.post(SANDBOX + "/vms/vm-1/irqfds", bind).ok();
      }
      String bulk =
          IntStream.rangeClosed(1, SIGNALS)
              .mapToObj("{\"eventfd\":\"efd-%d\"}"::formatted)
              .collect(Collectors.joining(",", "{\"wait\":\"settled\",\"items\":[", "]}"));

      for (int round = 1; round <= ROUNDS; round++) {
        long begin = System.nanoTime();
        for (int i = 1; i <= SIGNALS; i++) {
          Rest.Answer one =
              rest.post(SANDBOX + "/eventfds/efd-" + i + "/signal?wait=settled", "{}").ok();
          assertThat(one.text("outcome")).isEqualTo("INJECTED");
        }
        long single = System.nanoTime() - begin;
        begin = System.nanoTime();
        Rest.Answer all = rest.post(SANDBOX + "/signals", bulk);
        long many = System.nanoTime() - begin;

        assertThat(all.status()).isEqualTo(200);
        assertThat(all.body().path("totals").path("INJECTED").asInt()).isEqualTo(SIGNALS);
        System.out.printf(
            "round %d: %d requests %.1f ms, one request %.1f ms, %.0f times as fast%n",
            round, SIGNALS, single / 1e6, many / 1e6, (double) single / many);
      }
    }
  }
}
