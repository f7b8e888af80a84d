package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.api.http.Instance;
import dev.virq.limits.Limits;
import dev.virq.limits.MemoryLimits;
import dev.virq.testing.TestLimits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LimitsJsonTest {
  private static final Instance INSTANCE =
      new Instance("1", "node", "epoch", 4_096, Duration.ofMinutes(1), true);

  private static final MemoryLimits MEMORY = new MemoryLimits(3 << 20, 2 << 20, 1 << 20);

  @Test
  void everyLimitIsListedAndThoseOfTheHttpLayer() {
    Limits limits = TestLimits.with(Map.of("sandboxes", 5, "max-workers", 6, "max-wait", "PT1S"));

    Map<String, Number> members = LimitsJson.of(limits, MEMORY, INSTANCE).members();

    assertThat(members).hasSize(Limits.class.getRecordComponents().length + 2 + 3);
    assertThat(members)
        .containsEntry("sandboxesTotal", 5)
        .containsEntry("workers", 6)
        .containsEntry("memoryBytesTotal", 3L << 20)
        .containsEntry("memoryBytes", 2L << 20)
        .containsEntry("memoryGuaranteedBytes", 1L << 20)
        .containsEntry("bodyBytes", 4_096L)
        .containsEntry("waitNanos", 1_000_000_000L);
  }

  @Test
  void numbersComeFirstAndLengthsOfTimeLast() {
    List<String> names =
        List.copyOf(LimitsJson.of(TestLimits.defaults(), MEMORY, INSTANCE).members().keySet());

    assertThat(names).startsWith("sandboxesTotal", "vms");
    assertThat(names).containsSubsequence("workers", "bodyBytes", "pageSize", "waitNanos");
    assertThat(names).endsWith("waitNanos", "holdNanos", "ttlNanos");
  }
}
