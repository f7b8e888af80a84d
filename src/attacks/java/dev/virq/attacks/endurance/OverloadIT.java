package dev.virq.attacks.endurance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.attacks.rig.Instance;
import dev.virq.attacks.rig.Latencies;
import dev.virq.attacks.rig.Liveness;
import dev.virq.attacks.rig.Settings;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Four times the sustainable rate: nothing but 2xx, 429 and 503, and the service stays of use. */
@Tag("endurance")
class OverloadIT {
  private static final long SECONDS = Settings.number("overloadSeconds", 3, 30);
  private static final long WARM_SECONDS = Settings.number("overloadWarmSeconds", 3, 20);
  private static final long STEP_SECONDS = Settings.number("overloadStepSeconds", 1, 8);
  private static final int TIMES = 4;
  private static final int CLIENTS = 16;
  private static final int MANY = (int) Settings.number("overloadConnections", 200, 1_000);

  /** Of what a few clients achieve, so much less is tried each time. */
  private static final double STEP = 0.05;

  /**
   * What is sent by the clock is sustained when so much of it is carried out, and the half so soon.
   */
  private static final double CARRIED_OUT = 0.95;

  private static final double SUSTAINED_MILLIS = 20;

  /** So many that none has to wait until another is closed: 760 are taken with the image's heap. */
  private static final int AS_MANY_AS_ARE_TAKEN = Math.min(MANY, 700);

  private static final double LEAST_GOODPUT = 0.9;

  /** Of what a few clients achieve: both rates could fall together. */
  private static final double LEAST_SHARE = 0.5;

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
      Overload.Outcome few = overload.closed(CLIENTS, SECONDS);
      report("16 clients", few);
      double sustained = sustained(overload, few.goodput());

      Latencies probes = liveness.phase();
      Overload.Outcome over =
          overload.open(MANY, SECONDS, TIMES * Math.max(sustained, LEAST_SHARE * few.goodput()));
      liveness.rest();
      report("overload", over);
      report.line(
          "%.2f of the sustainable rate, %.2f of that of 16 clients, liveness %s",
          over.goodput() / sustained, over.goodput() / few.goodput(), probes);

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
        assertThat(over.goodput())
            .as("goodput")
            .isGreaterThanOrEqualTo(LEAST_GOODPUT * sustained)
            .isGreaterThanOrEqualTo(LEAST_SHARE * few.goodput());
        assertThat(after)
            .as("rate after the overload")
            .isGreaterThanOrEqualTo(LEAST_GOODPUT * few.goodput());
        assertThat(probes.millis(0.99)).as("liveness p99").isLessThan(WORST_LIVENESS_MILLIS);
      }
    }
  }

  /**
   * The sustainable rate: the highest that as many connections send by the clock as are taken, and
   * that is carried out in time.
   *
   * @param most what a few clients achieve
   */
  private double sustained(Overload overload, double most) throws Exception {
    for (double share = 1; share > STEP; share -= STEP) {
      Overload.Outcome tried = overload.open(AS_MANY_AS_ARE_TAKEN, STEP_SECONDS, share * most);
      report("at %.0f/s".formatted(share * most), tried);
      if (tried.goodput() >= CARRIED_OUT * share * most
          && tried.good().millis(0.5) <= SUSTAINED_MILLIS) {
        return share * most;
      }
    }
    // Small, nothing is judged.
    assertThat(Settings.FULL).as("no rate is sustained").isFalse();
    return STEP * most;
  }

  private void report(String what, Overload.Outcome outcome) throws Exception {
    report.line(
        "%-12s sent %.0f/s, carried out %.0f/s, %s, %s",
        what, outcome.sent(), outcome.goodput(), outcome.good(), outcome.answers());
  }
}
