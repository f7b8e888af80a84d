package dev.virq.attacks.endurance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.attacks.rig.Instance;
import dev.virq.attacks.rig.Pace;
import dev.virq.attacks.rig.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An hour of mixed load from 50 clients: flat, and the law of the counters exact at every look. */
@Tag("endurance")
class SoakIT {
  private static final long SECONDS = Settings.number("soakSeconds", 9, 3_600);
  private static final long EVERY_SECONDS = Settings.number("soakEvery", 3, 60);
  private static final int CLIENTS = (int) Settings.number("soakClients", 50, 50);
  private static final long SEED = Settings.number("seed", 2009, 2009);

  /**
   * A rig releases twenty VMs a minute, half a kilobyte each for as long as they can be looked up:
   * the thousand of the default would fill for 50 minutes, and look like a leak.
   */
  private static final String SHORT_HISTORY = "--virq.limits.tombstones=200";

  private static final double MIB = 1 << 20;

  private final Report report = new Report("soak.txt");

  @Test
  void heapThreadsAndDescriptorsAreFlatAndTheLawIsExact() throws Exception {
    List<Soak.Look> looks = new ArrayList<>();
    List<String> failures;
    try (Instance instance = Instance.start(SHORT_HISTORY)) {
      report.line("# %s, %d clients, seed %d", Settings.shown(), CLIENTS, SEED);
      report.line("   s   requests  heap MiB  threads  descriptors  resident MiB  law");
      try (Soak soak = new Soak(instance, CLIENTS, SEED)) {
        Pace pace = new Pace(EVERY_SECONDS * 1_000_000_000L);
        long _ = pace.await();
        for (long second = EVERY_SECONDS; second <= SECONDS; second += EVERY_SECONDS) {
          long _ = pace.await();
          Soak.Look look = soak.look();
          looks.add(look);
          report.line(
              "%4d %10d %9.1f %8d %12d %13.1f %4d",
              second,
              look.answered(),
              look.heap() / MIB,
              look.threads(),
              look.descriptors(),
              look.resident() / MIB,
              look.law());
        }
        failures = soak.failures();
      }
      assertThat(instance.complaints()).isEmpty();
    }
    assertThat(failures).isEmpty();
    assertThat(looks).allMatch(look -> look.law() == 0);
    assertThat(looks.getLast().answered()).isPositive();
    if (Settings.FULL) {
      assertThat(Flatness.complaint("heap", series(looks, Soak.Look::heap), 0.03, MIB)).isEmpty();
      assertThat(Flatness.complaint("threads", series(looks, Soak.Look::threads), 0.05, 2))
          .isEmpty();
      assertThat(Flatness.complaint("descriptors", series(looks, Soak.Look::descriptors), 0.05, 2))
          .isEmpty();
    }
  }

  private static long[] series(List<Soak.Look> looks, ToLongFunction<Soak.Look> figure) {
    return looks.stream().mapToLong(figure).toArray();
  }
}
