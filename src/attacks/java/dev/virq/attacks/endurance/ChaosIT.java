package dev.virq.attacks.endurance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.attacks.rig.Settings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** SIGTERM and {@code kill -9} at random moments under load, and the start after each. */
class ChaosIT {
  private static final long TERMS = Settings.number("terms", 2, 100);
  private static final long KILLS = Settings.number("kills", 1, 20);
  private static final long SEED = Settings.number("seed", 2009, 2009);

  /** From the start to readiness; the image starts in a third of the jar's time. */
  private static final long READY_MILLIS = Settings.number("readyMillis", 5_000, 5_000);

  private final Report report = new Report("chaos.txt");

  @Test
  void noAcknowledgedSignalIsLostAndTheNextLifeIsAnother() throws Exception {
    report.line("# %s, seed %d", Settings.shown(), SEED);
    List<String> complaints = new ArrayList<>();
    List<Chaos.Life> terminated = lives("SIGTERM", TERMS, false);
    complaints.addAll(Chaos.complaints(terminated, false));
    List<Chaos.Life> killed = lives("kill -9", KILLS, true);
    complaints.addAll(Chaos.complaints(killed, true));
    List<Chaos.Life> all = new ArrayList<>(terminated);
    all.addAll(killed);

    assertThat(complaints).isEmpty();
    assertThat(terminated.stream().mapToLong(Chaos.Life::acknowledged).sum()).isPositive();
    if (Settings.FULL) {
      assertThat(all)
          .as("ready within %d ms of the start", READY_MILLIS)
          .allMatch(life -> life.readyNanos() / 1_000_000 < READY_MILLIS);
    }
  }

  private List<Chaos.Life> lives(String how, long count, boolean kill) throws Exception {
    List<Chaos.Life> lives = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      Chaos.Life life = Chaos.live(SEED + 1_000L * n + (kill ? 500 : 0), kill);
      report.line(
          "%-8s %3d: ready after %d ms, acknowledged %d, accepted %d, lost %d, exit %d after %d ms,"
              + " epoch \"%s\"",
          how,
          n,
          life.readyNanos() / 1_000_000,
          life.acknowledged(),
          life.accepted(),
          life.lost(),
          life.exit(),
          life.endNanos() / 1_000_000,
          life.epoch());
      lives.add(life);
    }
    return lives;
  }
}
