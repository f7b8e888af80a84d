package dev.virq.limits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.TestLimits;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SandboxLimitsTest {
  private final Limits instance = TestLimits.defaults();
  private final MemoryLimits memory = new MemoryLimits(1 << 24, 1 << 22, 1 << 16);

  @Test
  void eachThatIsNotTheInstancesMayBeLowered() {
    assertThat(SandboxLimits.names())
        .contains("vms", "signalsKept", "workers", "wait", "ttl", "memoryBytes")
        .doesNotContain("sandboxes", "waitersTotal", "objectsTotal");
    for (String name : SandboxLimits.names()) {
      long lower = name.equals("memoryBytes") ? 1 << 20 : 16;
      assertThat(SandboxLimits.fault(name, lower, instance, memory)).as(name).isNull();
      SandboxLimits lowered = new SandboxLimits(Map.of(name, lower));
      boolean inBytes = name.equals("memoryBytes");
      assertThat(lowered.of(instance).equals(instance)).as(name).isEqualTo(inBytes);
      assertThat(lowered.of(memory).equals(memory)).as(name).isEqualTo(!inBytes);
    }
  }

  @Test
  void onlyWhatIsNamedIsLowered() {
    Limits lowered = new SandboxLimits(Map.of("vms", 3L, "wait", 5_000_000_000L)).of(instance);

    assertThat(lowered.vms()).isEqualTo(3);
    assertThat(lowered.maxWait()).isEqualTo(Duration.ofSeconds(5));
    assertThat(lowered.eventfds()).isEqualTo(instance.eventfds());
    assertThat(lowered.waitersTotal()).isEqualTo(instance.waitersTotal());
    assertThat(SandboxLimits.NONE.of(instance)).isSameAs(instance);
  }

  @Test
  void higherIsRefusedWithTheInstancesOwn() {
    assertThat(SandboxLimits.fault("vms", instance.vms(), instance, memory)).isNull();
    assertThat(SandboxLimits.fault("vms", instance.vms() + 1L, instance, memory))
        .contains((instance.vms() + 1L) + " is above")
        .endsWith(Integer.toString(instance.vms()));
    assertThat(SandboxLimits.fault("wait", instance.maxWait().toNanos() + 1, instance, memory))
        .endsWith(instance.maxWait().toString());
    assertThat(SandboxLimits.fault("memoryBytes", (1 << 22) + 1, instance, memory))
        .contains("is above");
    assertThat(SandboxLimits.fault("vms", Long.MAX_VALUE, instance, memory)).contains("is above");
  }

  @Test
  void whatIsTooLowToRunWithIsRefused() {
    assertThat(SandboxLimits.fault("vms", 0, instance, memory)).contains("at least 1");
    assertThat(SandboxLimits.fault("events", 15, instance, memory)).contains("at least 16");
    assertThat(SandboxLimits.fault("wait", 0, instance, memory)).contains("must be positive");
    assertThat(SandboxLimits.fault("vms", Long.MIN_VALUE, instance, memory)).isNotNull();
    assertThat(SandboxLimits.fault("memoryBytes", 1, instance, memory)).contains("65536");
    assertThat(SandboxLimits.fault("sandboxes", 1, instance, memory)).contains("is no limit");
  }
}
