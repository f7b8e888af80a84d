package dev.virq.attacks.endurance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.attacks.rig.Instance;
import dev.virq.attacks.rig.Latencies;
import dev.virq.attacks.rig.Liveness;
import dev.virq.attacks.rig.Settings;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Four times the sustainable rate: nothing but 2xx, 429 and 503, and the service stays of use. */
class OverloadIT {
  private static final long SECONDS = Settings.number("overloadSeconds", 3, 30);
  private static final long WARM_SECONDS = Settings.number("overloadWarmSeconds", 3, 20);
  private static final int TIMES = 4;
  private static final int CLIENTS = 16;
  private static final int MANY = (int) Settings.number("overloadConnections", 200, 1_000);
  private static final double LEAST_GOODPUT = 0.9;
  private static final int RECOVERY_SECONDS = 5;
  private static final double WORST_LIVENESS_MILLIS = 100;

  private final Report report = new Report("overload.txt");

  @Test
  void whatIsNotCarriedOutIsRefusedAndTheRestIsCarriedOut() throws Exception {
    try (Cores cores = new Cores();
        Instance instance = Instance.start(cores.ofTheInstance(), List.of());
        Liveness liveness = new Liveness(instance.managementPort())) {
      report.line("# %s, %s", Settings.shown(), cores.shown());
      Overload overload = new Overload(instance.port());
      overload.prepare();
      Overload.Outcome _ = overload.closed(CLIENTS, WARM_SECONDS);
      Overload.Outcome sustained = overload.closed(CLIENTS, SECONDS);
      report("sustainable", sustained);

      Latencies probes = liveness.phase();
      Overload.Outcome over = overload.open(MANY, SECONDS, TIMES * sustained.goodput());
      liveness.rest();
      report("overload", over);
      report.line("liveness %s", probes);

      // Afterwards: the rate is looked at second by second.
      double after = 0;
      for (int second = 1; second <= RECOVERY_SECONDS; second++) {
        Overload.Outcome recovered = overload.closed(CLIENTS, 1);
        after = Math.max(after, recovered.goodput());
        report("after " + second + " s", recovered);
      }

      assertThat(over.answers().keySet()).isSubsetOf(Set.of("200", "202", "429", "503"));
      assertThat(over.goodput()).isPositive();
      assertThat(after).isPositive();
      assertThat(liveness.failures()).isEmpty();
      assertThat(instance.complaints()).isEmpty();
      if (Settings.FULL) {
        double least = LEAST_GOODPUT * sustained.goodput();
        assertThat(over.goodput()).as("goodput").isGreaterThanOrEqualTo(least);
        assertThat(after).as("rate after the overload").isGreaterThanOrEqualTo(least);
        assertThat(probes.millis(0.99)).as("liveness p99").isLessThan(WORST_LIVENESS_MILLIS);
      }
    }
  }

  private void report(String what, Overload.Outcome outcome) throws Exception {
    report.line(
        "%-12s sent %.0f/s, carried out %.0f/s, %s, %s",
        what, outcome.sent(), outcome.goodput(), outcome.good(), outcome.answers());
  }
}
