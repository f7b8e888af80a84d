package dev.virq.attacks.endurance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.attacks.rig.Instance;
import dev.virq.attacks.rig.Settings;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Filled with random mixes until everything is refused, an instance lives and gives it all back.
 */
@Tag("endurance")
class FillIT {
  private static final long ROUNDS = Settings.number("fills", 2, 100);
  private static final Duration MIX = Duration.ofSeconds(Settings.number("fillMixSeconds", 3, 8));
  private static final Duration LONGEST = Duration.ofSeconds(Settings.number("fillSeconds", 8, 90));
  private static final Duration WARM =
      Duration.ofSeconds(Settings.number("fillWarmSeconds", 4, 20));
  private static final long SEED = Settings.number("seed", 2009, 2009);

  /** Part of the heap before that may be left. */
  private static final double LEFT = 0.02;

  private static final double MIB = 1 << 20;

  /** What a short first round has not warmed up yet, in bytes. */
  private static final double CACHES = Settings.FULL ? 0 : 16 * MIB;

  private final Report report = new Report("fill.txt");

  @Test
  void everyMixIsRefusedInTheEndAndGivenBack() throws Exception {
    report.line("# %s, seed %d", Settings.shown(), SEED);
    try (Instance instance = Instance.start()) {
      // What the first round makes and keeps, such as classes and the connector's buffers, is no
      // leak. So all connections are opened once in it.
      Fill.Round warm = Fill.round(instance, SEED - 1, WARM, WARM, Growth.WAITS);
      report("warm-up", warm, warm.heap());
      for (long n = 0; n < ROUNDS; n++) {
        Fill.Round round = Fill.round(instance, SEED + n, MIX, LONGEST);
        report(round.full() ? "full" : "not full", round, warm.heap());
        assertThat(round.faults()).as("seed %d", round.seed()).isEmpty();
        assertThat(round.full() || !Settings.FULL).as("full, seed %d", round.seed()).isTrue();
        assertThat(instance.isAlive()).as("alive after seed %d", round.seed()).isTrue();
        assertThat(instance.isUp("liveness")).isTrue();
        assertThat((double) round.heap())
            .as("heap after seed %d, %d before", round.seed(), warm.heap())
            .isLessThanOrEqualTo(warm.heap() * (1 + LEFT) + CACHES);
      }
    }
  }

  private void report(String what, Fill.Round round, long before) throws Exception {
    report.line(
        "%-8s seed %d: heap %.2f MiB (%+.2f %%), made %s, faults %s",
        what,
        round.seed(),
        round.heap() / MIB,
        100.0 * (round.heap() - before) / before,
        round.made(),
        round.faults());
  }
}
