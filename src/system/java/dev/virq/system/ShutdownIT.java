package dev.virq.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.ServerProcess;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * SIGTERM under load, to a process of its own: it drains, says what became of every signal, and
 * ends with 0.
 */
class ShutdownIT {
  private static final Pattern DRAINED = Pattern.compile("drained.*signals=(\\d+).*lost=(\\d+)");

  @Test
  void sigtermUnderLoadLosesNoAcknowledgedSignalAndExitsWithZero() throws Exception {
    try (ServerProcess service =
        ServerProcess.start(
            ServerProcess.program(List.of("-Xmx512m"), List.of("--server.port=0")))) {
      run(service);
    }
  }

  private static void run(ServerProcess service) throws Exception {
    Rest rest = new Rest(service.port());
    List<Load> clients = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      clients.add(new Load(rest, i % 2 == 0 ? "1" : "4"));
    }
    List<Thread> threads =
        clients.stream().map(client -> Thread.ofVirtual().start(client)).toList();
    // Every client is in full swing before the signal comes.
    for (Load client : clients) {
      assertThat(client.warm.tryAcquire(50, 60, TimeUnit.SECONDS)).isTrue();
    }
    // A reader is held meanwhile: the shutdown has to let it go.
    Load held = clients.getFirst();
    rest.post(held.sandbox + "/breakpoints", "{\"point\":\"inject.dereferenced\"}").ok();

    // Not Process.destroy, which closes the streams: what it says last is what counts.
    assertThat(service.handle().destroy()).isTrue();
    // The one length of time that is promised: a pod is killed after its grace period.
    int exit = service.end(25);
    for (Thread thread : threads) {
      thread.join();
    }

    long acknowledged = clients.stream().mapToLong(client -> client.acknowledged.get()).sum();
    Matcher drained = DRAINED.matcher(service.log());
    assertThat(drained.find()).as(service.log()).isTrue();
    assertThat(Long.parseLong(drained.group(1))).isGreaterThanOrEqualTo(acknowledged);
    assertThat(drained.group(2)).isEqualTo("0");
    assertThat(exit).isZero();
  }

  /** Signals one bound eventfd until the service no longer answers. */
  private static final class Load implements Runnable {
    final Semaphore warm = new Semaphore(0);
    final AtomicLong acknowledged = new AtomicLong();
    final String sandbox;
    private final Rest rest;
    private final String signal;
    private int sent;

    Load(Rest rest, String workers) {
      this.rest = rest;
      this.sandbox =
          "/v1/sandboxes/"
              + rest.post("/v1/sandboxes", "{\"workers\":" + workers + "}").ok().text("name");
      rest.post(sandbox + "/vms", "{}").ok();
      rest.post(sandbox + "/eventfds", "{}").ok();
      rest.post(sandbox + "/vms/vm-1/irqfds", "{\"fd\":3,\"gsi\":5}").ok();
      this.signal = sandbox + "/eventfds/3/signal";
    }

    /** One more binding, closed from either side; false when the service takes no more. */
    private boolean churn() {
      String vm = rest.post(sandbox + "/vms", "{}").text("id");
      String eventfd = rest.post(sandbox + "/eventfds", "{}").text("id");
      String body = "{\"eventfd\":\"%s\",\"gsi\":6}".formatted(eventfd);
      if (rest.post(sandbox + "/vms/" + vm + "/irqfds", body).status() != 201) {
        return false;
      }
      String first = sent % 32 == 0 ? "/vms/" + vm : "/eventfds/" + eventfd;
      String second = sent % 32 == 0 ? "/eventfds/" + eventfd : "/vms/" + vm;
      return rest.delete(sandbox + first + "?wait=none").status() / 100 == 2
          && rest.delete(sandbox + second).status() / 100 == 2;
    }

    @Override
    public void run() {
      try {
        while (true) {
          // Some wait for the outcome; an answer that says it is still open acknowledges too.
          int status = rest.post(signal + (sent % 4 == 0 ? "?wait=settled" : ""), null).status();
          if (status != 200 && status != 202) {
            return;
          }
          acknowledged.incrementAndGet();
          warm.release();
          if (++sent % 16 == 0 && !churn()) {
            return;
          }
        }
      } catch (UncheckedIOException e) {
        // The service is gone: an answer that never came acknowledges nothing.
      }
    }
  }
}
