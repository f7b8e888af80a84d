package dev.virq.torture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.TestHosts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * The domain under torture. {@code -Dtorture.seconds=} sets for how long, {@code -Dtorture.seed=}
 * what the threads choose. The controls are in {@code dev.virq.mutants}: {@link #untilCaught} has
 * to fail on broken copies.
 */
class SrcuTortureTest {
  private static final Path REPORT = Path.of("target", "torture.txt");
  private static final Duration LENGTH = Duration.ofSeconds(Long.getLong("torture.seconds", 20));

  /** How long a broken copy may hide: far beyond what any needs, also on a busy machine. */
  private static final Duration CONTROL = Duration.ofMinutes(5);

  @Test
  void readersNeverHoldWhatAGracePeriodHasPassedOver() throws IOException {
    long seed = Long.getLong("torture.seed", System.nanoTime());
    Tally tally = torture(seed, LENGTH);

    Path _ = Files.createDirectories(REPORT.getParent());
    Path _ = Files.writeString(REPORT, "seed %d, %s%n%s".formatted(seed, LENGTH, tally));
    assertThat(Arrays.stream(tally.ages).skip(2)).containsOnly(0L);
    assertThat(tally.updates).containsOnlyKeys(Flavour.values());
    assertThat(tally.updates.values()).doesNotContain(0L);
    assertThat(tally.nested).isPositive();
    assertThat(tally.overlapping).isPositive();
    assertThat(tally.handedOff).isPositive();
    assertThat(tally.parked).isPositive();
    assertThat(tally.growths).isPositive();
    assertThat(tally.callbacks).isPositive();
  }

  /** What the controls run on a copy: passes when it is faithful, fails when it is broken. */
  void untilCaught() {
    Tally tally = torture(1, CONTROL);

    assertThat(tally.reads).isPositive();
  }

  private static Tally torture(long seed, Duration length) {
    return new SrcuTorture(Duration.ofNanos(TestHosts.LONG)).run(seed, length);
  }
}
