package dev.virq.metrics;

import static dev.virq.testing.Systems.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.sandbox.EventfdRef;
import dev.virq.sandbox.Kernel;
import dev.virq.sandbox.Limits;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.SandboxSettings;
import dev.virq.sandbox.Sandboxes;
import dev.virq.sandbox.VmEntry;
import dev.virq.sandbox.Workers;
import dev.virq.testing.Systems;
import dev.virq.trace.Breakpoint;
import dev.virq.trace.Probe;
import dev.virq.trace.Tracepoint;
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
    Moves moves = new Moves(registry);

    for (String name : new String[] {"a", "b"}) {
      Kernel kernel = create(sandboxes, name).kernel();
      VmEntry vm = Systems.vm(kernel);
      EventfdRef _ = Systems.eventfd(kernel);
      kernel.irqfds().assign(vm.id(), Systems.eventfd(kernel), 5, null);
    }

    assertThat(moves.all())
        .isEqualTo(
            Map.of(
                "virq.sandboxes", 2.0, "virq.vms", 2.0, "virq.eventfds", 4.0, "virq.irqfds", 2.0));

    sandboxes.delete("a");

    assertThat(moves.all())
        .isEqualTo(
            Map.of(
                "virq.sandboxes", 1.0, "virq.vms", 1.0, "virq.eventfds", 2.0, "virq.irqfds", 1.0));

    sandboxes.find("b").reset(false);

    assertThat(moves.all()).isEqualTo(Map.of("virq.sandboxes", 1.0));
  }

  @Test
  void breakpointsAndTheThreadsTheyStopAreCounted() {
    Kernel kernel = create(sandboxes(Workers.virtual()), "a").kernel();
    VmEntry vm = Systems.vm(kernel);
    EventfdRef eventfd = Systems.eventfd(kernel);
    kernel.irqfds().assign(vm.id(), eventfd, 5, null);
    Moves moves = new Moves(registry);

    kernel.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.SYNC_BEGIN));
    Breakpoint hold = kernel.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER));
    kernel.eventfds().write(eventfd, 1);
    kernel.waits().parked(hold.id(), 1, LONG);

    assertThat(moves.all()).isEqualTo(Map.of("virq.breakpoints", 2.0, "virq.parked.threads", 1.0));

    kernel.breakpoints().remove(hold.id());

    assertThat(moves.all()).isEqualTo(Map.of("virq.breakpoints", 1.0));
  }

  @Test
  void injectionsThatNoWorkerHasTakenAreTheQueueDepth() {
    Queue<Runnable> workers = new ArrayDeque<>();
    Kernel kernel = create(sandboxes(name -> workers::add), "a").kernel();
    VmEntry vm = Systems.vm(kernel);
    EventfdRef first = Systems.eventfd(kernel);
    EventfdRef second = Systems.eventfd(kernel);
    kernel.irqfds().assign(vm.id(), first, 5, null);
    kernel.irqfds().assign(vm.id(), second, 6, null);
    Moves moves = new Moves(registry);

    kernel.eventfds().write(first, 1);
    kernel.eventfds().write(first, 1);
    kernel.eventfds().write(second, 1);

    assertThat(moves.all()).isEqualTo(Map.of("irqfd.injection.queue.depth", 2.0));

    workers.remove().run();

    assertThat(moves.all()).isEmpty();
  }

  @Test
  void expiredLeaseMovesItsCounterAndADeletionDoesNot() {
    Sandboxes sandboxes = sandboxes(Workers.virtual());
    create(sandboxes, "forgotten");
    create(sandboxes, "deleted");
    Moves moves = new Moves(registry);

    sandboxes.delete("deleted");
    nanos.set(Duration.ofMinutes(1).toNanos());
    sandboxes.expireLeases();

    assertThat(moves.all()).isEqualTo(Map.of("virq.leases.expired", 1.0, "virq.sandboxes", -2.0));
  }

  private Sandboxes sandboxes(Workers workers) {
    Sandboxes sandboxes =
        new Sandboxes(Limits.defaults(), workers, Probe.NONE, nanos::get, () -> 0, 1, false);
    SandboxGauges _ = new SandboxGauges(registry, sandboxes);
    return sandboxes;
  }

  private static Sandbox create(Sandboxes sandboxes, String name) {
    return sandboxes.create(new SandboxSettings(name, Duration.ofMinutes(1), 1, Map.of()));
  }
}
