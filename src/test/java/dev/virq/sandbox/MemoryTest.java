package dev.virq.sandbox;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.inflight.PendingClose;
import dev.virq.irqchip.IrqChip;
import dev.virq.limits.Cost;
import dev.virq.limits.MemoryLimits;
import dev.virq.routing.RoutingEntry;
import dev.virq.script.Result;
import dev.virq.script.Script;
import dev.virq.script.ScriptRunner;
import dev.virq.testing.TestSandboxes;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What sandboxes may take of memory, what is refused, and that all of it comes back. */
class MemoryTest {
  private static final long GUARANTEED = 1 << 16;

  /** A sandbox may take half of the instance. */
  private static final MemoryLimits LIMITS = new MemoryLimits(4 << 20, 2 << 20, GUARANTEED);

  private final Sandboxes sandboxes = new TestSandboxes().memory(LIMITS).empty();

  private final Sandbox sandbox = create("a");
  private final Host host = sandbox.host();

  @Test
  void eachKindIsChargedWhenItIsMadeAndGivenBackWhenItIsGone() {
    long own = sandbox.memoryUsed();
    assertThat(own).isEqualTo(Cost.SANDBOX.bytes() + Cost.WORKER.of(2) + Cost.ofName("a"));

    charged(Cost.VM.bytes() + Cost.ofName("guest"), () -> host.vms().create("guest"));
    charged(Cost.FULL_IRQCHIP.bytes(), () -> host.chips().create(1, IrqChip.Kind.KERNEL, 0));
    charged(Cost.VCPU.bytes() + Cost.LOCAL_APIC.bytes(), () -> host.vcpus().create(1, 0));
    charged(Cost.LINE.bytes(), () -> host.chips().setLine(1, 7, true));
    charged(0, () -> host.chips().setLine(1, 7, true));
    charged(table(100), () -> host.chips().setRouting(1, entries(100), 0));
    charged(-table(100) + table(10), () -> host.chips().setRouting(1, entries(10), 0));
    long eventfd = Cost.EVENTFD.bytes() + Cost.DESCRIPTOR.bytes();
    charged(eventfd, () -> host.eventfds().create(0, false, false, null));
    charged(eventfd, () -> host.eventfds().pipe());
    charged(Cost.DESCRIPTOR.bytes(), () -> host.eventfds().dup(EventfdName.fd(3)));
    charged(-Cost.DESCRIPTOR.bytes(), () -> host.eventfds().close(EventfdName.fd(5)));
    charged(
        Cost.IRQFD.bytes() + Cost.LINE.bytes(),
        () -> host.irqfds().assign(1, EventfdName.fd(3), 5, null));
    charged(
        Cost.BREAKPOINT.bytes() + Cost.HELD_THREAD.bytes(),
        () -> host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER)));
    charged(
        -Cost.BREAKPOINT.bytes() - Cost.HELD_THREAD.bytes(), () -> host.breakpoints().remove(1));
    charged(
        Cost.IRQFD_TOMBSTONE.bytes() - Cost.IRQFD.bytes(),
        () -> {
          var _ = host.irqfds().deassign(1, 1);
          host.waits().settled(LONG);
        });
    charged(
        Cost.VM_TOMBSTONE.bytes()
            + Cost.ofName("guest")
            - Cost.VM.bytes()
            - Cost.ofName("guest")
            - Cost.FULL_IRQCHIP.bytes()
            - Cost.VCPU.bytes()
            - Cost.LOCAL_APIC.bytes()
            - table(10),
        () -> {
          var _ = host.vms().close(1);
          host.waits().settled(LONG);
        });

    var _ = sandbox.reset(false);
    assertThat(sandbox.memoryUsed() - eventsKept()).isEqualTo(own);
    var _ = sandboxes.delete("a");
    assertThat(sandboxes.memoryUsed()).isZero();
  }

  @Test
  void scriptOfManyTablesIsRefusedPastTheLimitAndNamesIt() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      text.append(
          "vm_create v%d%nirqchip_create v%d%nrouting_set v%d fill=4096%n".formatted(i, i, i));
    }

    List<Result> results;
    try (ScriptRunner runner = new ScriptRunner(host, LONG)) {
      results = runner.run(Script.parse(text.toString(), 10_000));
      assertThat(sandbox.memoryUsed()).isLessThanOrEqualTo(LIMITS.memoryBytes());
    }

    assertThat(results).extracting(Result::errno).contains(null, Errno.EMFILE);
    host.waits().settled(LONG);
    var _ = sandboxes.delete("a");
    assertThat(sandboxes.memoryUsed()).isZero();
  }

  @Test
  void refusedTableLeavesTheOldOne() {
    var _ = host.vms().create(null, IrqChip.Kind.KERNEL, 0);
    host.chips().setRouting(1, entries(3), 0);
    fill();
    long used = sandbox.memoryUsed();

    refused(Errno.EMFILE, () -> host.chips().setRouting(1, entries(4_096), 0))
        .hasMessageContaining("a routing table needs");

    assertThat(host.chips().routing(1).entries()).hasSize(3);
    assertThat(sandbox.memoryUsed()).isEqualTo(used);
  }

  @Test
  void refusedCallsTakeNothing() {
    var _ = host.vms().create(null);
    var _ = host.vms().create(null, IrqChip.Kind.KERNEL, 0);
    var _ = host.eventfds().create(0, false, false, null);
    fill();
    long used = sandbox.memoryUsed();

    refused(Errno.EMFILE, () -> host.vms().create("x".repeat(128)));
    refused(Errno.EMFILE, () -> host.chips().create(1, IrqChip.Kind.KERNEL, 0));
    refused(Errno.EMFILE, () -> host.vcpus().create(2, 0));
    refused(Errno.EMFILE, () -> host.chips().setLine(2, 3, true));
    refused(Errno.EMFILE, () -> host.eventfds().pipe());
    refused(Errno.EMFILE, () -> host.eventfds().dup(EventfdName.fd(3)));
    refused(Errno.EMFILE, () -> host.irqfds().assign(2, EventfdName.fd(3), 5, null));
    refused(Errno.EMFILE, () -> host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER)));

    assertThat(sandbox.memoryUsed()).isEqualTo(used);
    assertThat(host.vcpus().list(2)).isEmpty();
    assertThat(host.chips().line(2, 3).level()).isFalse();
    assertThat(host.counts().irqfds()).isZero();
  }

  @Test
  void firstDeassignIsNeverRefusedAndFurtherOnesAreChargedWhileTheyWait() {
    var _ = host.vms().create(null, IrqChip.Kind.KERNEL, 0);
    var _ = host.eventfds().create(0, false, false, null);
    var _ = host.irqfds().assign(1, EventfdName.fd(3), 5, null);
    Breakpoint hold = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER));
    var _ = host.eventfds().write(EventfdName.fd(3), 1);
    host.waits().parked(hold.id(), 1, LONG);
    fill();

    List<PendingClose> closes = new ArrayList<>();
    closes.add(host.irqfds().deassign(1, 1));
    refused(Errno.EMFILE, () -> host.irqfds().deassign(1, 1))
        .hasMessageContaining("a close under way needs");
    for (long vm = 2; vm <= 4; vm++) {
      var _ = host.waits().over(host.vms().close(vm), LONG);
    }
    long before = sandbox.memoryUsed();
    for (int i = 0; i < 4; i++) {
      closes.add(host.irqfds().deassign(1, EventfdName.fd(3), 5));
    }
    assertThat(sandbox.memoryUsed() - before).isEqualTo(Cost.CLOSE.of(4));

    var _ = host.breakpoints().release(hold.id(), 1);
    host.waits().settled(LONG);
    assertThat(closes).allMatch(close -> close.report().settled());
    var _ = sandboxes.delete("a");
    assertThat(sandboxes.memoryUsed()).isZero();
  }

  @Test
  void clientWithFewObjectsIsNotRefusedBecauseOthersFilledTheInstance() {
    Sandbox modest = create("modest");
    List<Sandbox> greedy = List.of(sandbox, create("b"), create("c"));
    greedy.forEach(one -> fill(one.host(), Errno.EMFILE, Errno.ENFILE));
    refused(Errno.ENFILE, () -> create("late"));

    Host few = modest.host();
    var _ = few.vms().create(null, IrqChip.Kind.KERNEL, 0);
    for (int i = 1; i <= 5; i++) {
      EventfdName eventfd = EventfdName.id(few.eventfds().create(0, false, false, null).id());
      var _ = few.irqfds().assign(1, eventfd, i, null);
      var _ = few.eventfds().write(eventfd, 1);
    }
    few.waits().settled(LONG);
    var _ = few.vms().close(1);
    few.waits().settled(LONG);
    assertThat(few.vms().find(1).vm().kind()).isEqualTo(IrqChip.Kind.KERNEL);

    // Beyond what it is guaranteed it is refused as all are.
    fill(few, Errno.ENFILE, Errno.ENFILE);
    for (Sandbox one : List.of(sandbox, modest, greedy.get(1), greedy.get(2))) {
      var _ = sandboxes.delete(one.settings().name());
    }
    assertThat(sandboxes.memoryUsed()).isZero();
  }

  @Test
  void historyGetsShorterInsteadOfRefusingAnything() {
    var _ = host.vms().create(null, IrqChip.Kind.KERNEL, 0);
    var _ = host.eventfds().create(0, false, false, null);
    fill();

    for (int i = 0; i < 2_000; i++) {
      var _ = host.eventfds().write(EventfdName.fd(3), 1);
    }
    assertThat(host.signal(2_000).number()).isEqualTo(2_000);
    assertThat(host.signal(2_000 - 15).number()).isEqualTo(2_000 - 15);
    assertThatThrownBy(() -> host.signal(2_000 - 16)).hasMessageContaining("unknown");
    assertThat(sandbox.log().after(0, 100).lost()).isPositive();

    host.vms().list(1, 10_000).forEach(vm -> host.vms().close(vm.id()));
    host.waits().settled(LONG);
    for (int i = 0; i < 2_000; i++) {
      var _ = host.eventfds().write(EventfdName.fd(3), 1);
    }
    assertThat(host.signal(4_000 - 500).number()).isEqualTo(4_000 - 500);
  }

  @Test
  void resetThatKeepsBreakpointsIsRefusedWhenTheirHitsDoNotFitAgain() {
    var _ = host.vms().create(null, IrqChip.Kind.KERNEL, 0);
    var _ = host.eventfds().create(0, false, false, null);
    var _ = host.irqfds().assign(1, EventfdName.fd(3), 5, null);
    Breakpoint hold = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER));
    var _ = host.eventfds().write(EventfdName.fd(3), 1);
    host.waits().parked(hold.id(), 1, LONG);
    var _ = host.breakpoints().release(hold.id(), 1);
    host.waits().settled(LONG);
    fill();

    refused(Errno.EMFILE, () -> sandbox.reset(true));
    assertThat(sandbox.host()).isSameAs(host);
    assertThat(host.counts().irqfds()).isEqualTo(1);

    // And the host that stays learns who looks.
    host.breakpoints().remove(hold.id());
    long seq = sandbox.log().seq();
    sandbox.log().watch();
    host.probe().hit(Tracepoint.PUT_VM, Subject.NONE);
    sandbox.log().unwatch();
    host.probe().hit(Tracepoint.PUT_VM, Subject.NONE);
    assertThat(sandbox.log().seq()).isEqualTo(seq + 1);
  }

  // ---- helpers

  private Sandbox create(String name) {
    return sandboxes.create(new SandboxSpec(name, Duration.ofHours(1), 1, Map.of()));
  }

  /** Fills the sandbox with VMs that can be closed again, and then with what is smaller. */
  private void fill() {
    fill(host, Errno.EMFILE, Errno.EMFILE);
  }

  private void fill(Host full, Errno one, Errno other) {
    var _ = full.eventfds().create(0, false, false, null);
    untilRefused(one, other, () -> full.vms().create(null));
    untilRefused(one, other, () -> full.eventfds().create(0, false, false, null));
    untilRefused(one, other, () -> full.eventfds().dup(EventfdName.fd(3)));
  }

  private static void untilRefused(Errno one, Errno other, Runnable call) {
    try {
      while (true) {
        call.run();
      }
    } catch (ErrnoException e) {
      assertThat(e.errno()).isIn(one, other);
    }
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> refused(
      Errno errno, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno))
        .hasMessageContaining("virq.memory.");
  }

  /** Makes a call that has to charge so many bytes, those for events left out. */
  private void charged(long bytes, Runnable call) {
    long before = sandbox.memoryUsed() - eventsKept();
    call.run();
    assertThat(sandbox.memoryUsed() - eventsKept() - before).isEqualTo(bytes);
  }

  /** Bytes of the event log: it doubles when it is full. */
  private long eventsKept() {
    long seq = sandbox.seq();
    long slots = 16;
    while (slots < seq) {
      slots *= 2;
    }
    return Cost.KEPT_EVENT.of(slots - 16);
  }

  private static long table(int entries) {
    return Cost.ROUTING_TABLE.bytes() + Cost.ROUTE.of(entries) + Cost.ROUTED_LINE.of(entries);
  }

  private static List<RoutingEntry> entries(int count) {
    return IntStream.range(0, count)
        .<RoutingEntry>mapToObj(gsi -> new RoutingEntry.Message(gsi, 0xfee00000L, 0x30, 0, 0))
        .toList();
  }
}
