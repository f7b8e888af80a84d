package dev.virq.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/**
 * The counter law after 20 seconds of mixed random load from 8 clients, with closes on both sides:
 * every accepted signal has one outcome, every line that rose fell, nothing is left behind.
 */
@Tag("stress")
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class LoadIT {
  private static final long SECONDS = Long.getLong("virq.load.seconds", 20);
  private static final long SEED = Long.getLong("virq.load.seed", 2009);
  private static final String[] WORKERS = {"1", "4"};

  @LocalServerPort int port;

  @Test
  void theCounterLawHoldsAfterMixedLoadWithPoolsOfOneAndOfFour() throws Exception {
    Rest rest = new Rest(port);
    for (String workers : WORKERS) {
      rest.put("/v1/sandboxes/load-" + workers, "{\"ttl\":\"PT10M\",\"workers\":" + workers + "}")
          .ok();
    }
    long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      clients.add(new Client(rest, "/v1/sandboxes/load-" + WORKERS[i % 2], SEED + i, end));
    }

    runAll(clients);

    for (int pool = 0; pool < WORKERS.length; pool++) {
      String sandbox = "/v1/sandboxes/load-" + WORKERS[pool];
      long acknowledged = 0;
      for (int i = pool; i < clients.size(); i += 2) {
        acknowledged += clients.get(i).acknowledged.get();
      }
      checkLaw(rest, sandbox, acknowledged);
    }
  }

  private static void runAll(List<Client> clients) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(clients.size())) {
      for (Future<Void> done : threads.invokeAll(clients)) {
        done.get();
      }
    }
  }

  private static void checkLaw(Rest rest, String sandbox, long acknowledged) {
    for (JsonNode breakpoint :
        rest.get(sandbox + "/breakpoints?pageSize=1000").ok().body().path("items")) {
      rest.delete(sandbox + "/breakpoints/" + breakpoint.path("id").asString()).ok();
    }
    rest.post(sandbox + "/wait", "{\"for\":\"settled\",\"timeout\":\"PT60S\"}").ok();

    JsonNode stats = rest.get(sandbox + "/stats").ok().body();
    long outcomes = 0;
    for (JsonNode count : stats.path("outcomes")) {
      outcomes += count.asLong();
    }
    assertThat(acknowledged).as("signals acknowledged").isPositive();
    assertThat(stats.path("pending").asLong()).isZero();
    assertThat(outcomes).as("sum of outcomes").isEqualTo(stats.path("signals").asLong());
    // An assign of an eventfd that was written to before adds a signal of its own.
    assertThat(outcomes).isGreaterThanOrEqualTo(acknowledged);
    assertThat(stats.path("bugs").asLong()).isZero();
    assertThat(stats.path("outcomes").path("FAILED").asLong()).isZero();

    for (JsonNode irqfd : irqfds(rest, sandbox)) {
      long callbacks = irqfd.path("callbacks").asLong();
      long injected = irqfd.path("injected").asLong();
      long severed = irqfd.path("severed").asLong();
      long coalesced = irqfd.path("coalesced").asLong();
      assertThat(callbacks).as(irqfd.toString()).isEqualTo(injected + severed + coalesced);
    }
    for (JsonNode vm : rest.get(sandbox + "/vms?pageSize=1000").ok().body().path("items")) {
      String path = sandbox + "/vms/" + vm.path("id").asString();
      for (JsonNode gsi : rest.get(path + "/gsis?pageSize=1000").ok().body().path("items")) {
        assertThat(gsi.path("raises").asLong())
            .as(gsi.toString())
            .isEqualTo(gsi.path("lowers").asLong());
        assertThat(gsi.path("level").asInt()).isZero();
        assertThat(gsi.path("pending").asLong()).isZero();
      }
    }
    JsonNode left = rest.delete(sandbox).ok().body();
    assertThat(left.path("pendingSignalsDropped").asLong()).isZero();
  }

  /** The irqfds of all open VMs. */
  private static List<JsonNode> irqfds(Rest rest, String sandbox) {
    List<JsonNode> all = new ArrayList<>();
    for (JsonNode vm : rest.get(sandbox + "/vms?pageSize=1000").ok().body().path("items")) {
      if (vm.path("state").asString().equals("OPEN")) {
        rest.get(sandbox + "/vms/" + vm.path("id").asString() + "/irqfds?pageSize=1000")
            .ok()
            .body()
            .path("items")
            .forEach(all::add);
      }
    }
    // And the last ones torn down under load, whatever closed them.
    for (JsonNode vm : rest.get(sandbox + "/vms?pageSize=1000").ok().body().path("items")) {
      String path = sandbox + "/vms/" + vm.path("id").asString() + "/irqfds";
      rest.get(path + "?state=FREED&pageSize=1000").ok().body().path("items").forEach(all::add);
    }
    return all;
  }

  /** One client's random walk over its own VMs and eventfds. */
  private static final class Client implements Callable<Void> {
    private final Rest rest;
    private final String sandbox;
    private final Random random;
    private final long end;
    private final List<String> vms = new ArrayList<>();
    private final List<String> eventfds = new ArrayList<>();
    final AtomicLong acknowledged = new AtomicLong();

    Client(Rest rest, String sandbox, long seed, long end) {
      this.rest = rest;
      this.sandbox = sandbox;
      this.random = new Random(seed);
      this.end = end;
    }

    @Override
    public Void call() {
      while (System.nanoTime() < end) {
        step();
      }
      return null;
    }

    private void step() {
      int dice = random.nextInt(100);
      if (vms.isEmpty() || dice < 2) {
        vms.add(rest.post(sandbox + "/vms", "{}").ok().text("id"));
      } else if (eventfds.isEmpty() || dice < 8) {
        eventfds.add(rest.post(sandbox + "/eventfds", "{}").ok().text("id"));
      } else if (dice < 20) {
        String body =
            "{\"eventfd\":\"%s\",\"gsi\":%d}".formatted(any(eventfds), random.nextInt(26));
        expect(rest.post(sandbox + "/vms/" + any(vms) + "/irqfds", body), 201, 409);
      } else if (dice < 80) {
        String wait = random.nextInt(10) == 0 ? "?wait=settled" : "";
        Rest.Answer signal =
            rest.post(sandbox + "/eventfds/" + any(eventfds) + "/signal" + wait, null);
        expect(signal, 200, 202);
        acknowledged.incrementAndGet();
      } else if (dice < 84) {
        expect(rest.delete(sandbox + "/eventfds/" + take(eventfds) + settledOrNot()), 200, 202);
      } else if (dice < 87) {
        expect(rest.delete(sandbox + "/vms/" + take(vms) + settledOrNot()), 200, 202);
      } else if (dice < 93) {
        String body =
            "{\"eventfd\":\"%s\",\"gsi\":%d}".formatted(any(eventfds), random.nextInt(26));
        // The body names an eventfd or a descriptor; the answer is how many bindings ended.
        expect(rest.post(sandbox + "/vms/" + any(vms) + "/irqfds/deassign", body), 200, 202);
      } else if (dice < 96) {
        rest.post(sandbox + "/eventfds/" + any(eventfds) + "/read", null);
      } else {
        hold();
      }
    }

    /** Stops whoever comes by, for a moment; whoever sets it removes it. */
    private void hold() {
      String[] points = {"inject.dereferenced", "sync.begin", "hup.unhooked", "put.vm"};
      Rest.Answer set =
          rest.post(
              sandbox + "/breakpoints",
              "{\"point\":\"%s\",\"maxHold\":\"PT10S\"}".formatted(points[random.nextInt(4)]));
      expect(set, 201, 409);
      if (set.status() == 201) {
        rest.post(sandbox + "/eventfds/" + any(eventfds) + "/signal", null).ok();
        acknowledged.incrementAndGet();
        rest.delete(sandbox + "/breakpoints/" + set.text("id")).ok();
      }
    }

    private String settledOrNot() {
      return random.nextBoolean() ? "?wait=none" : "";
    }

    private String any(List<String> list) {
      return list.get(random.nextInt(list.size()));
    }

    private String take(List<String> list) {
      return list.remove(random.nextInt(list.size()));
    }

    private static void expect(Rest.Answer answer, int... statuses) {
      for (int status : statuses) {
        if (answer.status() == status) {
          return;
        }
      }
      throw new AssertionError("status " + answer.status() + ": " + answer.body());
    }
  }
}
