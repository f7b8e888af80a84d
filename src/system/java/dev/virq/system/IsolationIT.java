package dev.virq.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** What happens in one sandbox, or to one irqfd, does not keep the others. */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class IsolationIT {
  private static final int HELD = 50;

  @LocalServerPort int port;

  @Test
  void heldReadersKeepNeitherOtherIrqfdsNorOtherSandboxes() {
    Rest rest = new Rest(port);
    String busy = sandbox(rest, HELD + 1);
    String quiet = sandbox(rest, 1);
    rest.post(
            busy + "/breakpoints",
            "{\"point\":\"inject.dereferenced\",\"hits\":%d}".formatted(HELD))
        .ok();
    for (int i = 0; i < HELD; i++) {
      rest.post(busy + "/eventfds/" + (3 + i) + "/signal", null).ok();
    }
    rest.post(busy + "/wait", "{\"for\":\"parked\",\"breakpoint\":\"bp-1\",\"atLeast\":50}").ok();

    // The pool of one worker is not used up by fifty held readers.
    assertThat(outcome(rest, busy + "/eventfds/" + (3 + HELD))).isEqualTo("INJECTED");
    assertThat(outcome(rest, quiet + "/eventfds/3")).isEqualTo("INJECTED");
    // A close that waits for a held reader keeps only itself.
    assertThat(rest.delete(busy + "/eventfds/3").status()).isEqualTo(202);
    assertThat(rest.delete(busy + "/eventfds/" + (3 + HELD)).status()).isEqualTo(200);
    assertThat(rest.delete(quiet + "/vms/vm-1").status()).isEqualTo(200);

    rest.delete(quiet).ok();
    assertThat(rest.delete(busy).ok().body().path("leaked").path("breakpoints").size()).isOne();
  }

  /** A sandbox with one worker, one VM, and so many eventfds bound to its line 5, from fd 3 on. */
  private static String sandbox(Rest rest, int irqfds) {
    String path =
        "/v1/sandboxes/" + rest.post("/v1/sandboxes", "{\"workers\":1}").ok().text("name");
    rest.post(path + "/vms", "{}").ok();
    for (int i = 0; i < irqfds; i++) {
      long fd = rest.post(path + "/eventfds", "{}").ok().body().path("fds").path(0).asLong();
      rest.post(path + "/vms/vm-1/irqfds", "{\"fd\":%d,\"gsi\":5}".formatted(fd)).ok();
    }
    return path;
  }

  private static String outcome(Rest rest, String eventfd) {
    return rest.post(eventfd + "/signal?wait=settled", null).ok().text("outcome");
  }
}
