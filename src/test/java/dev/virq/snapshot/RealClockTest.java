package dev.virq.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.clock.SandboxClock;
import dev.virq.host.Host;
import dev.virq.irqchip.IrqChip;
import dev.virq.testing.TestHosts;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The law of continuing where the clock goes by itself, on machines whose times differ. */
class RealClockTest {
  private static final int SPURIOUS = 0xf0;
  private static final int TIMER = 0x320;
  private static final int INITIAL = 0x380;
  private static final int CURRENT = 0x390;
  private static final int PERIODIC = 1 << 17;
  private static final int PERIODIC_VECTOR = 0x41;
  private static final int ONE_SHOT_VECTOR = 0x42;

  private final AtomicLong here = new AtomicLong(1_000);
  private final AtomicLong there = new AtomicLong(7_000_000_000_000L);
  private final Host first = boot(here);
  private final Host second = boot(there);

  @ParameterizedTest
  @ValueSource(longs = {0, 70_000_000, 1_000_000_000, 3_600_000_000_000L})
  void timersGoOnByTheReading(long nanos) {
    timers();
    here.addAndGet(3_000_000);
    Snapshot taken = take(first);
    Snapshots.restore(second, taken);
    assertThat(take(second)).isEqualTo(taken);

    here.addAndGet(nanos);
    there.addAndGet(nanos);

    assertThat(run(second).vms()).isEqualTo(run(first).vms());
  }

  /** What the comparison would show if nothing expired, or all at once. */
  @Test
  void theTimersExpireOneByOne() {
    timers();
    assertThat(pending(run(first))).containsExactly(List.of(), List.of());
    here.addAndGet(50_000_000);
    assertThat(pending(run(first))).containsExactly(List.of(), List.of(ONE_SHOT_VECTOR));
    here.addAndGet(50_000_000);
    assertThat(pending(run(first)))
        .containsExactly(List.of(PERIODIC_VECTOR), List.of(ONE_SHOT_VECTOR));
  }

  /** A periodic and a one-shot timer, of 100 and 50 milliseconds. */
  private void timers() {
    long vm = first.vms().create(null, IrqChip.Kind.KERNEL, 0).id();
    for (int vcpu = 0; vcpu < 2; vcpu++) {
      first.vcpus().create(vm, vcpu);
      first.vcpus().cpuid(vm, vcpu, false, false);
      write(vm, vcpu, SPURIOUS, 0x1ff);
    }
    write(vm, 0, TIMER, PERIODIC | PERIODIC_VECTOR);
    write(vm, 0, INITIAL, 50_000_000);
    write(vm, 1, TIMER, ONE_SHOT_VECTOR);
    write(vm, 1, INITIAL, 25_000_000);
  }

  private void write(long vm, long vcpu, int offset, int value) {
    var _ = first.vcpus().guest(vm, vcpu, port -> port.lapicWrite(vcpu, offset, value));
  }

  /** Each vCPU looks at its count, and so takes what has expired. */
  private static Snapshot run(Host host) {
    for (long vcpu = 0; vcpu < 2; vcpu++) {
      long one = vcpu;
      var _ = host.vcpus().guest(1, one, port -> port.lapicRead(one, CURRENT));
    }
    return take(host);
  }

  private static List<List<Integer>> pending(Snapshot snapshot) {
    return snapshot.vms().getFirst().chips().vcpus().stream()
        .map(vcpu -> vcpu.lapic().irr())
        .toList();
  }

  private static Snapshot take(Host host) {
    return Snapshots.take(host, "test", true);
  }

  private static Host boot(AtomicLong machine) {
    return TestHosts.boot(new SandboxClock(SandboxClock.Kind.REAL, machine::get));
  }
}
