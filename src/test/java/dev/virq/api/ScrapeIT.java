package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.metrics.Law;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Counters under load: each single answer about signals adds up. */
class ScrapeIT extends OverHttp {
  private static final int LOOKS = 100;
  private static final int CLIENTS = 4;

  @Test
  void everyScrapeAndEveryLookAtTheStatisticsIsExactUnderLoad() throws Exception {
    bound();
    AtomicBoolean done = new AtomicBoolean();
    try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
      List<Future<?>> load = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        load.add(threads.submit(() -> signal(done)));
      }
      try {
        for (int i = 0; i < LOOKS; i++) {
          Law.of(get("/actuator/prometheus")).holds();
          statistics();
        }
      } finally {
        done.set(true);
      }
      for (Future<?> one : load) {
        one.get();
      }
    }
    settled();

    assertThat(Law.of(get("/actuator/prometheus")).pending()).isZero();
  }

  private void signal(AtomicBoolean done) {
    // Not through the validator, whose work would be most of the load.
    while (!done.get()) {
      RestAssured.given().port(port).post(sandbox + "/eventfds/3/signal").then().statusCode(200);
    }
  }

  private void statistics() {
    JsonPath stats = JsonPath.from(get(sandbox + "/stats"));
    Map<String, Integer> outcomes = stats.getMap("outcomes");
    new Law(
            stats.getLong("signals"),
            outcomes.values().stream().mapToLong(Integer::longValue).sum(),
            stats.getLong("pending"))
        .holds();
  }

  private String get(String path) {
    return RestAssured.given().port(port).get(path).then().statusCode(200).extract().asString();
  }
}
