package dev.virq.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.VirqApplication;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * Whatever is sent, the answer is one that the document knows, the log has no stack trace, and no
 * invariant breaks. More of it: {@code ./mvnw verify -Dit.test=FuzzIT -Dvirq.fuzz.seed=7
 * -Dvirq.fuzz.requests=1000000}.
 */
@SpringBootTest(
    classes = VirqApplication.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      Fuzzer.SHORT_WAITS,
      Fuzzer.SHORT_HOLDS,
      "virq.limits.sandboxes=40",
      "virq.limits.vms=40",
      "virq.limits.eventfds=60",
      "virq.limits.descriptors=80",
      "virq.limits.irqfds=40",
      "virq.limits.breakpoints=12",
      "virq.limits.objects-total=800",
      "virq.max-body=16KB"
    })
class FuzzIT {
  private static final long SEED = Long.getLong("virq.fuzz.seed", 14);

  /** About a minute on two cores that have nothing else to do. */
  private static final int REQUESTS = Integer.getInteger("virq.fuzz.requests", 100_000);

  private static final int CLIENTS = Integer.getInteger("virq.fuzz.clients", 8);

  @LocalServerPort int port;

  @Test
  void everyAnswerIsOneThatTheDocumentKnows() throws Exception {
    Fuzzer.Report report;
    try (LogWatch log = new LogWatch()) {
      report = new Fuzzer(port, SEED, CLIENTS).run(REQUESTS, log);
    }

    System.out.printf(
        "fuzz: seed %d, %d requests of %d clients in %.1f s (%.1f s of CPU)%n  statuses %s%n  2xx %s%n",
        SEED,
        report.requests(),
        CLIENTS,
        report.seconds(),
        report.cpuSeconds(),
        report.statuses(),
        report.successes());
    assertThat(report.findings()).as("seed %d", SEED).isEmpty();
    // It reached what it was to try: each operation has succeeded, and been refused.
    assertThat(report.successes().keySet()).hasSizeGreaterThan(50);
    assertThat(report.statuses().keySet())
        .contains(400, 404, 405, 406, 409, 413, 414, 415, 417, 422, 431, 501, 504, 505);
  }
}
