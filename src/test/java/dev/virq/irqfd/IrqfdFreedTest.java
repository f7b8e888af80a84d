package dev.virq.irqfd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.eventfd.EventFd;
import dev.virq.eventfd.Signal;
import dev.virq.irqchip.IrqChip;
import dev.virq.protocol.Protocol;
import dev.virq.trace.EndCause;
import dev.virq.trace.Probe;
import dev.virq.vm.Vm;
import dev.virq.workqueue.WorkQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The last step of an irqfd, in its order. */
class IrqfdFreedTest {
  private final List<String> steps = new ArrayList<>();
  private final AtomicReference<Throwable> bug = new AtomicReference<>();

  /** Asks to be called back while what the irqfd had is being given back. */
  private final IrqfdEvents events =
      new IrqfdEvents() {
        @Override
        public long hooked(Irqfd irqfd) {
          return 1;
        }

        @Override
        public Signal signal(EventFd eventfd) {
          return Signal.UNTRACKED;
        }

        @Override
        public EndCause named(EndCause cause) {
          return cause;
        }

        @Override
        public void waiting() {}

        @Override
        public void freed(Irqfd irqfd) {
          irqfd.whenFreed(() -> steps.add("called back"));
          steps.add("given back");
        }
      };

  @Test
  void callerIsCalledBackWhenEverythingIsGivenBack() {
    Vm vm = new Vm(1, () -> {});
    vm.createIrqchip(IrqChip.Kind.KERNEL, 0);
    WorkQueue queue = new WorkQueue("inject", 1, Runnable::run, bug::set);
    WorkQueue cleanup = new WorkQueue("cleanup", 1, Runnable::run, bug::set);
    Irqfds irqfds =
        new Irqfds(new IrqfdContext(queue, cleanup, Probe.NONE, events, Protocol.SAFE), vm);
    Irqfd irqfd = irqfds.assign(new EventFd(1, 0, false, Probe.NONE), 5, null);

    assertThat(irqfds.deassign(irqfd)).isTrue();

    assertThat(bug).hasValue(null);
    assertThat(irqfd.info().state()).isEqualTo(IrqfdState.FREED);
    assertThat(steps).containsExactly("given back", "called back");
  }
}
