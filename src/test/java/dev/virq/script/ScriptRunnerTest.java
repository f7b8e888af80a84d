package dev.virq.script;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.limits.Limits;
import dev.virq.stats.Counts;
import dev.virq.testing.ManualExecutor;
import dev.virq.testing.TestHosts;
import dev.virq.testing.TestLimits;
import dev.virq.trace.EndCause;
import dev.virq.trace.Probe;
import dev.virq.trace.Tracepoint;
import dev.virq.workqueue.Workers;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Rules of tier 1 beyond the recordings; a line is an operation and what it answers. */
class ScriptRunnerTest {
  private static final String EVENTS = "{mp_state=0, nmi_pending=0, nmi_masked=0, smi_pending=0}";

  private final Host host = TestHosts.boot(2);

  @Test
  void theClockIsHeldWhileItLivesAndEachOperationTakesAMillisecond() {
    ScriptRunner runner = new ScriptRunner(host, LONG);
    assertThat(host.clock().held()).isTrue();

    List<Result> _ = runner.run(Script.parse("vm_create v0\nvm_close never\n", 2));
    assertThat(host.clock().now()).isEqualTo(2_000_000);
    runner.close();

    assertThat(host.clock().held()).isFalse();
    assertThat(host.clock().now()).isEqualTo(2_000_000);
  }

  /** Of those that one operation asks for, too. */
  @Test
  void injectionsRunOneAfterAnotherWhileItLivesHoweverManyWorkersThereAre() {
    ManualExecutor workers = new ManualExecutor();
    Host wide = TestHosts.boot(4, Probe.NONE, (_, _) -> workers, TestLimits.defaults());
    long vm = TestHosts.vm(wide).id();
    List<EventfdName> eventfds = List.of(TestHosts.eventfd(wide), TestHosts.eventfd(wide));
    eventfds.forEach(eventfd -> wide.irqfds().assign(vm, eventfd, 5, null));

    ScriptRunner runner = new ScriptRunner(wide, LONG);
    assertThat(workersFor(wide, eventfds, workers)).isEqualTo(1);
    ScriptRunner moved = runner.movedTo(host);
    assertThat(workersFor(wide, eventfds, workers)).isEqualTo(2);
    moved.close();

    new ScriptRunner(wide, LONG).close();
    assertThat(workersFor(wide, eventfds, workers)).isEqualTo(2);
  }

  /** Workers that are started for a signal to each; then they run. */
  private static int workersFor(Host host, List<EventfdName> eventfds, ManualExecutor workers) {
    eventfds.forEach(eventfd -> host.eventfds().write(eventfd, 1));
    int started = workers.size();
    workers.runAll();
    return started;
  }

  @Test
  void anOperationWhoseResultFindsNoRoomIsDone() {
    Script script = Script.parse("vm_create v0\nvm_create v1\n", 2);
    try (ScriptRunner runner = new ScriptRunner(host, LONG)) {
      assertThatThrownBy(() ->
              runner.run(
                  script,
                  _ -> {
                    throw new ErrnoException(Errno.E2BIG, "the answer is too long");
                  }))
          .isInstanceOfSatisfying(
              ErrnoException.class,
              e ->
                  assertThat(e.facts())
                      .containsEntry("line", 1)
                      .containsEntry(ErrnoException.DONE, 1L));
    }
  }

  @Test
  void rawFlagsAreThoseOfTheNamedOperations() {
    answers(
        """
        vm_create v0                   => ok
        irqfd_flags v0 never 5 1       => EBADF
        irqfd_flags v0 never 5 0       => EINVAL
        irqchip_create v0              => ok
        eventfd_create e0 0            => ok
        eventfd_create r0 0            => ok
        irqfd_flags v0 e0 5 2          => EBADF
        irqfd_flags v0 e0 5 2 never    => EBADF
        irqfd_flags v0 e0 5 2 r0       => ok
        irqfd_flags v0 e0 5 0          => EBUSY
        irqfd_flags v0 e0 5 1          => ok
        irqfd_flags v0 e0 5 0 never    => ok
        irqfd_flags v0 e0 5 4          => EINVAL
        irqfd_flags v0 e0 5 3 never    => ok
        irqfd_assign v0 e0 9           => ok
        """);
  }

  @Test
  void aPipeIsTheEmptyReadingEnd() {
    answers(
        """
        pipe_create p0                 => ok
        eventfd_dup p0 d0              => ok
        eventfd_read p0                => EAGAIN
        eventfd_write d0 1             => EBADF
        eventfd_poll d0                => {in=false, out=false, err=false}
        eventfd_close p0               => ok
        eventfd_read p0                => EBADF
        eventfd_read d0                => EAGAIN
        eventfd_close d0               => ok
        eventfd_close d0               => EBADF
        """);
  }

  @Test
  void namesStandForOneDescriptorOfAnyKind() {
    answers(
        """
        vm_create v0                   => ok
        vm_create v0                   => EEXIST
        eventfd_create v0 0            => EEXIST
        eventfd_create e0 3            => ok
        eventfd_dup e0 v0              => EEXIST
        eventfd_dup never v0           => EBADF
        irqchip_create e0              => ENOTTY
        irqchip_create v0              => ok
        irqfd_assign v0 v0 5           => EINVAL
        irqfd_assign_resample v0 e0 5 v0 => EINVAL
        irqfd_deassign v0 v0 5         => EINVAL
        eventfd_write v0 1             => EINVAL
        eventfd_read v0                => EINVAL
        eventfd_poll v0                => {in=true, out=true, err=false}
        eventfd_dup v0 v1              => EOPNOTSUPP
        irqfd_assign v0 e0 5           => ok
        eventfd_close v0               => ok
        irqfd_assign v0 e0 5           => EBADF
        eventfd_read e0                => EAGAIN
        vm_create v0                   => ok
        """);
  }

  @Test
  void vcpusAreNamedWithinTheirVm() {
    answers(
        """
        vm_create v0                   => ok
        vm_create v1                   => ok
        vcpu_create v0 c0 7            => ok
        vcpu_create v1 c0 7            => ok
        vcpu_create v1 c1 7            => EEXIST
        get_vcpu_events v1 c1          => EBADF
        vcpu_create v1 c0 8            => EEXIST
        get_vcpu_events v0 c0          => %s
        vm_close v0                    => ok
        get_vcpu_events v0 c0          => EBADF
        get_vcpu_events v1 c0          => %s
        get_lapic v1 c0                => EINVAL
        lapic_set v1 c0 svr=0x1ff      => EINVAL
        lapic_ack v1 c0                => EINVAL
        vm_create v0                   => ok
        get_vcpu_events v0 c0          => EBADF
        """
            .formatted(EVENTS, EVENTS));
  }

  @Test
  void aSplitControllerTakesRoutesToMessagesOnly() {
    answers(
        """
        vm_create v0                                => ok
        routing_set v0                              => EINVAL
        split_irqchip_create v0 18446744073709551615 => EINVAL
        split_irqchip_create v0 24                  => ok
        routing_set v0                              => ok
        routing_set v0 5:msi:1:2 6:msi:1:2:3:flags=1 => ok
        routing_set v0 5:msi:1:2 5:msi:1:2          => EINVAL
        routing_set v0 5:irqchip:ioapic:5           => EINVAL
        routing_set v0 5:irqchip:3:0                => EINVAL
        routing_set v0 5:type0                      => EINVAL
        routing_set v0 5:type1                      => EINVAL
        routing_set v0 5:type2                      => ok
        routing_set v0 5:type99                     => EINVAL
        routing_set v0 5:type4                      => EINVAL
        routing_set v0 5:msi:1:2:0:flags=2          => EINVAL
        routing_set v0 5:msi:1:2 flags=1            => EINVAL
        routing_set v0 4095:msi:1:2                 => ok
        routing_set v0 4096:msi:1:2                 => EINVAL
        routing_set v0 fill=4096                    => ok
        routing_set v0 fill=4096 0:msi:1:2          => EINVAL
        routing_set v0 fill=4097                    => EINVAL
        routing_set v0 fill=4294967295 fill=4294967295 => EINVAL
        irq_line v0 4095 1                          => -1
        irq_line v0 4294967295 1                    => -1
        signal_msi v0 0xfee00000 0x41               => EPERM
        signal_msi v0 0xfee00000 0x41 0 1           => EPERM
        signal_msi v0 0xfee00000 0x41 0 2           => EINVAL
        eventfd_create e0 0                         => ok
        irqfd_assign v0 e0 5                        => ok
        eventfd_write e0 7                          => ok
        eventfd_read e0                             => EAGAIN
        get_pic v0                                  => ENXIO
        ioapic_set_redir v0 1 2 3 0 0 0 0 0         => ENXIO
        """);
  }

  @Test
  void messagesArriveAndVectorsAreTakenAndEnded() {
    answers(
        """
        vm_create v0                                => ok
        split_irqchip_create v0 24                  => ok
        routing_set v0 5:msi:0xfee00000:0x41        => ok
        vcpu_create v0 c0 0                         => ok
        irq_line v0 5 1                             => 0
        lapic_enable v0 c0                          => ok
        irq_line v0 5 0                             => -1
        irq_line v0 5 1                             => 1
        lapic_set v0 c0 nofield=1                   => EINVAL
        pic_ack v0 never                            => EBADF
        lapic_ack v0 c0                             => 65
        lapic_ack v0 c0                             => ok
        guest_lapic_read v0 c0 0xa0                 => 64
        guest_eoi v0 c0                             => ok
        guest_lapic_read v0 c0 0xa0                 => 0
        guest_lapic_read v0 c0 0x1000               => 4294967295
        guest_in v0 c0 0x21                         => 255
        guest_port_read v0 c0 0x21 2                => 65535
        guest_memory_read v0 c0 0xfee00030 1        => 20
        guest_memory_read v0 c0 0xfee00fff 8        => 18446744073709551380
        guest_memory_write v0 c0 0xfee00080 8 0     => ok
        get_vcpu_events v0 c0                       => %s
        eventfd_create e0 0                         => ok
        irqfd_assign v0 e0 5                        => ok
        eventfd_write e0 1                          => ok
        eventfd_read e0                             => EAGAIN
        lapic_ack v0 c0                             => 65
        """
            .formatted(EVENTS));
  }

  @Test
  void theFullControllersTableLeadsToChips() {
    answers(
        """
        vm_create v0                                => ok
        irqchip_create v0                           => ok
        irq_line v0 23 1                            => -1
        irq_line v0 24 1                            => -1
        irq_line_nostatus v0 5 1                    => ok
        irq_line v0 5 0                             => 2
        irq_line v0 5 1                             => 0
        pic_set v0 master imr=0x20 irr=0            => ok
        pic_set v0 master nofield=1                 => EINVAL
        irq_line v0 5 0                             => 1
        irq_line v0 5 1                             => -1
        ioapic_set v0 id=1                          => ok
        ioapic_set v0 pins=1                        => EINVAL
        ioapic_set_redir v0 24 2 3 0 0 0 0 0        => ok
        signal_msi v0 0xfee00000 0x41               => EPERM
        routing_set v0 5:irqchip:ioapic:23 5:irqchip:master:7 5:irqchip:1:7 => ok
        routing_set v0 5:irqchip:ioapic:5 5:irqchip:2:6 => EINVAL
        routing_set v0 5:irqchip:ioapic:24          => EINVAL
        routing_set v0 5:irqchip:master:8           => EINVAL
        routing_set v0 5:irqchip:slave:8            => EINVAL
        routing_set v0 5:irqchip:3:0                => EINVAL
        routing_set v0 5:irqchip:ioapic:5:flags=1   => EINVAL
        routing_set v0 5:irqchip:ioapic:5 5:msi:1:2 => EINVAL
        routing_set v0 5:msi:1:2 5:irqchip:ioapic:5 => EINVAL
        irq_line v0 5 1                             => 2
        routing_set v0                              => ok
        irq_line v0 5 1                             => -1
        """);
  }

  @Test
  void whatAScriptLeavesOpenIsClosedAtItsEnd() {
    try (ScriptRunner runner = new ScriptRunner(host, LONG)) {
      List<Result> _ =
          runner.run(
              Script.parse(
                  """
                  vm_create v0
                  irqchip_create v0
                  eventfd_create e0 1
                  eventfd_dup e0 d0
                  pipe_create p0
                  irqfd_assign v0 e0 5
                  irqfd_assign v0 v0 5
                  """,
                  10));
      assertThat(host.counts()).isEqualTo(new Counts(1, 3, 1, 0, 0));
    }

    assertThat(host.counts()).isEqualTo(new Counts(0, 0, 0, 0, 0));
  }

  @Test
  void aHeldStepStopsTheScriptNamingTheLine() {
    Breakpoint bp = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_DEREFERENCED));
    Script script =
        Script.parse(
            """
            # the write is line 5
            vm_create v0
            irqchip_create v0
            eventfd_create e0 1
            irqfd_assign v0 e0 5
            eventfd_write e0 1
            """,
            10);

    try (ScriptRunner runner = new ScriptRunner(host, LONG)) {
      assertThatThrownBy(() -> runner.run(script))
          .isInstanceOfSatisfying(
              ErrnoException.class,
              e -> {
                assertThat(e.errno()).isEqualTo(Errno.EDEADLK);
                assertThat(e.sentence()).startsWith("line 5: ").contains("bp-" + bp.id());
                assertThat(e.facts()).containsEntry("line", 5).containsKey("heldBy");
                assertThat(e.facts()).containsEntry(ErrnoException.DONE, 4L);
              });
    }
    host.breakpoints().release(bp.id(), 1);
    host.waits().settled(LONG);

    assertThat(host.counts()).isEqualTo(new Counts(0, 0, 0, 1, 0));
  }

  @Test
  void aShutDownKernelStopsTheScriptNamingTheLine() {
    ScriptRunner runner = new ScriptRunner(host, LONG);
    List<Result> _ = runner.run(Script.parse("eventfd_create e0 0", 1));
    host.shutDown(EndCause.RESET, new ErrnoException(Errno.ECANCELED, "reset"), LONG);

    assertThatThrownBy(() -> runner.run(Script.parse("\neventfd_read e0", 2)))
        .isInstanceOfSatisfying(
            ErrnoException.class,
            e -> {
              assertThat(e.errno()).isEqualTo(Errno.ECANCELED);
              assertThat(e.sentence()).isEqualTo("line 2: reset");
            });
    runner.close();
  }

  @Test
  void whatOthersCloseIsNotOpen() {
    try (ScriptRunner runner = new ScriptRunner(host, LONG)) {
      List<Result> _ = runner.run(Script.parse("vm_create v0\neventfd_create e0 0", 2));
      host.vms().close(host.vms().list(0, 1).getFirst().id());

      List<Result> results =
          runner.run(Script.parse("irqfd_flags v0 e0 5 4\nget_pic v0\nvm_close v0", 3));

      assertThat(results).extracting(Result::errno).containsOnly(Errno.EBADF);
    }
  }

  @Test
  void aVmThatOthersClosedAndNobodyRemembersIsNotOpen() {
    Limits forgetting = TestLimits.with(Map.of("tombstones", 1));
    Host forgetful = TestHosts.boot(1, Probe.NONE, Workers.virtual(), forgetting);
    try (ScriptRunner runner = new ScriptRunner(forgetful, LONG)) {
      List<Result> _ = runner.run(Script.parse("vm_create v0\nvm_create v1", 2));
      forgetful.vms().close(1);
      forgetful.waits().settled(LONG);
      forgetful.vms().close(2);
      forgetful.waits().settled(LONG);

      List<Result> results = runner.run(Script.parse("irqchip_create v0", 1));

      assertThat(results).extracting(Result::errno).containsExactly(Errno.EBADF);
    }
  }

  private void answers(String table) {
    List<String[]> rows = table.lines().map(line -> line.split("\\s*=>\\s*", 2)).toList();
    String text = rows.stream().map(row -> row[0]).collect(Collectors.joining("\n"));
    try (ScriptRunner runner = new ScriptRunner(host, LONG)) {
      List<Result> results = runner.run(Script.parse(text, rows.size()));

      for (int i = 0; i < rows.size(); i++) {
        assertThat(answer(results.get(i))).as(rows.get(i)[0]).isEqualTo(rows.get(i)[1]);
      }
    }
    assertThat(host.counts()).isEqualTo(new Counts(0, 0, 0, 0, 0));
    assertThat(host.bugs()).isZero();
  }

  private static String answer(Result result) {
    if (result.errno() != null) {
      return result.errno().name();
    }
    return result.value() == null ? "ok" : result.value().toString();
  }
}
