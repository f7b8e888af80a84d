package dev.virq.live;

import static dev.virq.testing.TestHosts.LONG;

import dev.virq.chip.PicState;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.inflight.PendingSignal;
import dev.virq.irqchip.IrqChip;
import dev.virq.lapic.LapicState;
import dev.virq.routing.Chip;
import dev.virq.routing.RoutingEntry;
import dev.virq.testing.TestHosts;
import java.util.ArrayList;
import java.util.List;

/** virq under measurement: the calls of its domain. */
final class VirqSide implements Side {
  private static final long MESSAGE_GSI = 40;
  private static final int LINE = 5;

  private final Host host = TestHosts.boot(1);
  private final long vm = host.vms().create(null, IrqChip.Kind.KERNEL, 0).id();
  private final EventfdName message;
  private final EventfdName line;

  VirqSide() {
    host.vcpus().create(vm, 0);
    host.vcpus().lapics(vm, host -> host.changeLapic(0, VirqSide::enabled));
    host.chips()
        .setRouting(
            vm,
            List.of(
                new RoutingEntry.Message(MESSAGE_GSI, 0xfee00000L, 0x41, 0, 0),
                new RoutingEntry.Pin(LINE, 0, LINE, 0)),
            0);
    message = bound(MESSAGE_GSI);
    line = bound(LINE);
  }

  private static LapicState enabled(LapicState now) {
    return new LapicState(
        now.id(),
        0x1ff,
        now.tpr(),
        now.ppr(),
        now.ldr(),
        now.dfr(),
        now.esr(),
        now.lvtt(),
        now.lvt0(),
        now.lvt1(),
        now.irr(),
        now.isr(),
        now.tmr());
  }

  private EventfdName bound(long gsi) {
    EventfdName ref = TestHosts.eventfd(host);
    var _ = host.irqfds().assign(vm, ref, gsi, null);
    return ref;
  }

  @Override
  public double signalMessage(int times) {
    long begin = System.nanoTime();
    for (int i = 0; i < times; i++) {
      PendingSignal _ = host.eventfds().write(message, 1);
    }
    return (double) (System.nanoTime() - begin) / times;
  }

  @Override
  @SuppressWarnings("ThreadPriorityCheck") // the injection may need this processor
  public double signalToLatched(int times) {
    long sum = 0;
    for (int i = 0; i < times; i++) {
      long begin = System.nanoTime();
      PendingSignal _ = host.eventfds().write(line, 1);
      while ((master().irr() & 1 << LINE) == 0) {
        Thread.yield();
      }
      sum += System.nanoTime() - begin;
      host.waits().settled(LONG);
      var _ = host.chips().chips(vm, host -> host.changePic(Chip.MASTER, VirqSide::unrequested));
    }
    return (double) sum / times;
  }

  private PicState master() {
    return host.chips().chips(vm, host -> host.pic(Chip.MASTER));
  }

  private static PicState unrequested(PicState now) {
    return new PicState(
        0,
        now.lastIrr(),
        now.imr(),
        now.isr(),
        now.elcr(),
        now.elcrMask(),
        now.irqBase(),
        now.priorityAdd(),
        now.autoEoi(),
        now.rotateOnAutoEoi(),
        now.specialFullyNestedMode(),
        now.specialMask(),
        now.initState(),
        now.init4(),
        now.readRegSelect(),
        now.poll());
  }

  @Override
  public double[] assignAndDeassign(int times) {
    List<EventfdName> refs = new ArrayList<>(times);
    for (int i = 0; i < times; i++) {
      refs.add(TestHosts.eventfd(host));
    }
    long begin = System.nanoTime();
    for (EventfdName ref : refs) {
      var _ = host.irqfds().assign(vm, ref, LINE, null);
    }
    long bound = System.nanoTime();
    for (EventfdName ref : refs) {
      // As the kernel's call, which comes back when the irqfd is gone.
      var _ = host.waits().over(host.irqfds().deassign(vm, ref, LINE), LONG);
    }
    long end = System.nanoTime();
    for (EventfdName ref : refs) {
      var _ = host.eventfds().close(ref);
    }
    return new double[] {(double) (bound - begin) / times, (double) (end - bound) / times};
  }

  @Override
  public void crowd(int irqfds) {
    for (int i = 0; i < irqfds; i++) {
      var _ = bound(LINE);
    }
  }

  @Override
  public double closeVm() {
    long begin = System.nanoTime();
    var _ = host.waits().over(host.vms().close(vm), LONG);
    return System.nanoTime() - begin;
  }

  @Override
  public void close() {
    // Nothing outlives the object.
  }
}
