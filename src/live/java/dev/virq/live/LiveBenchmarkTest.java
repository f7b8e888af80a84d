package dev.virq.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.lockorder.RecordingSession;
import org.junit.jupiter.api.Test;

/**
 * The benchmark runs, and says what it measured. A build makes it short, and records locks, which
 * costs virq several times what it does; {@code -Dvirq.lockorder=off -Dvirq.live.rounds=11
 * -Dvirq.live.crowd=19000} makes figures to quote.
 */
class LiveBenchmarkTest {
  private static final int ROUNDS = Integer.getInteger("virq.live.rounds", 2);
  private static final int CROWD = Integer.getInteger("virq.live.crowd", 1_000);

  @Test
  void bothAreMeasuredInOneRun() {
    KvmAvailable.assume();

    LiveBenchmark benchmark = LiveBenchmark.run(ROUNDS, CROWD);

    System.out.println(benchmark);
    if (RecordingSession.isOn()) {
      System.out.println("Not to be quoted: locks were recorded, see -Dvirq.lockorder=off.");
    }
    assertThat(benchmark.ratios())
        .hasSize(7)
        .allSatisfy((name, ratio) -> assertThat(ratio).isPositive());
  }
}
