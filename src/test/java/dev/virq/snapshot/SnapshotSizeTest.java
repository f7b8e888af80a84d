package dev.virq.snapshot;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.conformance.Recording;
import dev.virq.conformance.Recordings;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.irqchip.IrqChip;
import dev.virq.routing.RoutingEntry;
import dev.virq.script.Script;
import dev.virq.script.ScriptRunner;
import dev.virq.testing.TestHosts;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** The estimate is held to documents of all kinds, and of much of one kind. */
class SnapshotSizeTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Enough that the members of the document itself do not count. */
  private static final int MANY = 300;

  private final Host host = TestHosts.boot(1);

  @Test
  void anEmptySandbox() {
    requireNear(host, "empty");
  }

  @Test
  void whatTheRecordingsLeave() {
    for (Recording recording : Recordings.all()) {
      Host used = TestHosts.boot(1);
      try (ScriptRunner runner = new ScriptRunner(used, LONG)) {
        var _ = runner.run(Script.parse(recording.text(), Integer.MAX_VALUE));
        requireNear(used, recording.name());
      }
    }
  }

  @Test
  void manyEventfds() {
    IntStream.range(0, MANY).forEach(_ -> eventfd());
    requireNear(host, "eventfds");
  }

  @Test
  void manyDescriptors() {
    EventfdName eventfd = EventfdName.id(eventfd());
    IntStream.range(0, 900).forEach(_ -> host.eventfds().dup(eventfd));
    requireNear(host, "descriptors");
  }

  @Test
  void manyIrqfds() {
    long vm = vm(IrqChip.Kind.KERNEL);
    for (int i = 0; i < MANY; i++) {
      host.irqfds().assign(vm, EventfdName.id(eventfd()), i, null);
    }
    requireNear(host, "irqfds");
    host.vms().close(vm);
    host.waits().settled(LONG);
    requireNear(host, "freed irqfds");
  }

  @Test
  void vmsOfEachKind() {
    for (IrqChip.Kind kind : IrqChip.Kind.values()) {
      Host some = TestHosts.boot(1);
      for (int i = 0; i < 60; i++) {
        some.vms().create("a name", kind, 0);
      }
      requireNear(some, "VMs, " + kind);
    }
    for (int i = 0; i < 60; i++) {
      host.vms().create(null);
    }
    requireNear(host, "VMs without controller");
  }

  @Test
  void manyVcpus() {
    for (IrqChip.Kind kind : IrqChip.Kind.values()) {
      Host some = TestHosts.boot(1);
      long vm = some.vms().create(null, kind, 0).id();
      IntStream.range(0, MANY).forEach(i -> some.vcpus().create(vm, i));
      requireNear(some, "vCPUs, " + kind);
    }
    long vm = host.vms().create(null).id();
    IntStream.range(0, MANY).forEach(i -> host.vcpus().create(vm, i));
    requireNear(host, "vCPUs without controller");
  }

  @Test
  void routesAndLinesOpenAndReleased() {
    long vm = vm(IrqChip.Kind.SPLIT);
    // With gaps, for their ranges are as many as there can be.
    host.chips()
        .setRouting(
            vm,
            IntStream.range(0, 2_048)
                .<RoutingEntry>mapToObj(
                    i -> new RoutingEntry.Message(2L * i, 0xfee0_0000L, i, 0, 0))
                .toList(),
            0);
    requireNear(host, "messages");
    IntStream.range(0, 2_048).forEach(i -> host.chips().setLine(vm, 2L * i, true));
    requireNear(host, "lines");
    host.vms().close(vm);
    host.waits().settled(LONG);
    requireNear(host, "a released VM");
  }

  @Test
  void pinsThatMovedOfReleasedVms() {
    for (int i = 0; i < 60; i++) {
      long vm = vm(IrqChip.Kind.KERNEL);
      IntStream.range(0, 24).forEach(gsi -> host.chips().setLine(vm, gsi, true));
      host.vms().close(vm);
    }
    host.waits().settled(LONG);
    requireNear(host, "released VMs");
    assertThat(SnapshotSize.of(host).history()).isGreaterThan(60 * 24 * 100);
    assertThat(json(host, false)).isLessThan(1_000);
  }

  private static void requireNear(Host host, String what) {
    SnapshotSize size = SnapshotSize.of(host);
    assertThat(json(host, true))
        .as(what)
        .isBetween(size.open() + size.history(), size.mostOpen() + size.mostHistory());
    assertThat(json(host, false))
        .as("%s, without history", what)
        .isBetween(size.open(), size.mostOpen());
    // Near enough that a sandbox that is far too large is not looked at.
    assertThat(size.open() + size.history()).as(what).isGreaterThan(json(host, true) / 3);
  }

  private static long json(Host host, boolean history) {
    return JSON.writeValueAsString(SnapshotJson.write(Snapshots.take(host, "0.1.0", history)))
        .length();
  }

  private long eventfd() {
    return host.eventfds().create(0, false, false, null).id();
  }

  private long vm(IrqChip.Kind kind) {
    return host.vms().create(null, kind, 0).id();
  }
}
