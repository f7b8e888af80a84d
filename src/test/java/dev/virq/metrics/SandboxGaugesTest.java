package dev.virq.metrics;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.host.VmFile;
import dev.virq.limits.MemoryLimits;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.SandboxSpec;
import dev.virq.sandbox.Sandboxes;
import dev.virq.testing.TestHosts;
import dev.virq.testing.TestSandboxes;
import dev.virq.trace.Tracepoint;
import dev.virq.workqueue.Workers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SandboxGaugesTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AtomicLong nanos = new AtomicLong();

  @Test
  void objectsAreCountedOverAllSandboxes() {
    Sandboxes sandboxes = sandboxes(Workers.virtual());
    MeterDelta moves = new MeterDelta(registry);
    double guaranteed = MemoryLimits.unbounded().memoryGuaranteedBytes();

    for (String name : new String[] {"a", "b"}) {
      Host host = create(sandboxes, name).host();
      VmFile vm = TestHosts.vm(host);
      EventfdName _ = TestHosts.eventfd(host);
      host.irqfds().assign(vm.id(), TestHosts.eventfd(host), 5, null);
    }

    assertThat(moves.all())
        .isEqualTo(
            Map.of(
                "virq.sandboxes", 2.0,
                "virq.vms", 2.0,
                "virq.eventfds", 4.0,
                "virq.irqfds", 2.0,
                "virq.memory.used.bytes", 2 * guaranteed));

    sandboxes.delete("a");

    assertThat(moves.all())
        .isEqualTo(
            Map.of(
                "virq.sandboxes", 1.0,
                "virq.vms", 1.0,
                "virq.eventfds", 2.0,
                "virq.irqfds", 1.0,
                "virq.memory.used.bytes", guaranteed));

    sandboxes.find("b").reset(false);

    assertThat(moves.all())
        .isEqualTo(Map.of("virq.sandboxes", 1.0, "virq.memory.used.bytes", guaranteed));
  }

  @Test
  void breakpointsAndTheThreadsTheyStopAreCounted() {
    Host host = create(sandboxes(Workers.virtual()), "a").host();
    VmFile vm = TestHosts.vm(host);
    EventfdName eventfd = TestHosts.eventfd(host);
    host.irqfds().assign(vm.id(), eventfd, 5, null);
    MeterDelta moves = new MeterDelta(registry);

    // Two threads that may be stopped are more than a sandbox is guaranteed.
    host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.SYNC_BEGIN));
    Breakpoint hold = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER));
    host.eventfds().write(eventfd, 1);
    host.waits().parked(hold.id(), 1, LONG);

    assertThat(moves.all())
        .containsOnlyKeys("virq.breakpoints", "virq.parked.threads", "virq.memory.used.bytes")
        .containsAllEntriesOf(Map.of("virq.breakpoints", 2.0, "virq.parked.threads", 1.0));

    host.breakpoints().remove(hold.id());

    assertThat(moves.all()).isEqualTo(Map.of("virq.breakpoints", 1.0));
  }

  @Test
  void breakpointsEndWithTheirSandboxAndAreKeptByAResetThatKeepsThem() {
    Sandboxes sandboxes = sandboxes(Workers.virtual());
    Sandbox sandbox = create(sandboxes, "a");
    MeterDelta moves = new MeterDelta(registry);
    sandbox.host().setBreakpoint(Breakpoint.Spec.hold(Tracepoint.SYNC_BEGIN));

    sandbox.reset(true);
    assertThat(moves.all()).containsEntry("virq.breakpoints", 1.0);

    sandbox.reset(false);
    assertThat(moves.all()).doesNotContainKey("virq.breakpoints");

    sandbox.host().setBreakpoint(Breakpoint.Spec.hold(Tracepoint.SYNC_BEGIN));
    sandboxes.delete("a");
    assertThat(moves.all()).doesNotContainKey("virq.breakpoints");
  }

  @Test
  void tearDownsThatWaitAreNotInTheQueueOfInjections() {
    Queue<Runnable> workers = new ArrayDeque<>();
    Host host = create(sandboxes((queue, worker) -> workers::add), "a").host();
    VmFile vm = TestHosts.vm(host);
    MeterDelta moves = new MeterDelta(registry);

    var _ = host.vms().close(vm.id());

    assertThat(workers).hasSize(1);
    assertThat(moves.all()).doesNotContainKey("irqfd.injection.queue.depth");
    workers.remove().run();
  }

  @Test
  void injectionsThatNoWorkerHasTakenAreTheQueueDepth() {
    Queue<Runnable> workers = new ArrayDeque<>();
    Host host = create(sandboxes((queue, worker) -> workers::add), "a").host();
    VmFile vm = TestHosts.vm(host);
    EventfdName first = TestHosts.eventfd(host);
    EventfdName second = TestHosts.eventfd(host);
    host.irqfds().assign(vm.id(), first, 5, null);
    host.irqfds().assign(vm.id(), second, 6, null);
    MeterDelta moves = new MeterDelta(registry);

    host.eventfds().write(first, 1);
    host.eventfds().write(first, 1);
    host.eventfds().write(second, 1);

    assertThat(moves.all()).isEqualTo(Map.of("irqfd.injection.queue.depth", 2.0));

    workers.remove().run();

    assertThat(moves.all()).isEmpty();
  }

  @Test
  void expiredLeaseMovesItsCounterAndADeletionDoesNot() {
    Sandboxes sandboxes = sandboxes(Workers.virtual());
    create(sandboxes, "forgotten");
    create(sandboxes, "deleted");
    MeterDelta moves = new MeterDelta(registry);

    sandboxes.delete("deleted");
    nanos.set(Duration.ofMinutes(1).toNanos());
    sandboxes.expireLeases();

    assertThat(moves.all())
        .isEqualTo(
            Map.of(
                "virq.leases.expired",
                1.0,
                "virq.sandboxes",
                -2.0,
                "virq.memory.used.bytes",
                -2.0 * MemoryLimits.unbounded().memoryGuaranteedBytes()));
  }

  private Sandboxes sandboxes(Workers workers) {
    Sandboxes sandboxes = new TestSandboxes().workers(workers).clock(nanos::get).empty();
    SandboxGauges _ = new SandboxGauges(registry, sandboxes);
    return sandboxes;
  }

  private static Sandbox create(Sandboxes sandboxes, String name) {
    return sandboxes.create(new SandboxSpec(name, Duration.ofMinutes(1), 1, Map.of()));
  }
}
