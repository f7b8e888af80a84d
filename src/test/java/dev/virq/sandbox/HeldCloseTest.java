package dev.virq.sandbox;

import static dev.virq.testing.Systems.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.irqfd.Irqfd;
import dev.virq.testing.ManualExecutor;
import dev.virq.testing.Rig;
import dev.virq.testing.Systems;
import dev.virq.trace.Breakpoint;
import dev.virq.trace.Probe;
import dev.virq.trace.Tracepoint;
import org.junit.jupiter.api.Test;

/** A close is held once it waits for a held reader, and not while it still goes on towards that. */
class HeldCloseTest {

  @Test
  void closeIsPendingUntilItWaitsAndThenHeldInItsGracePeriod() {
    ManualExecutor cleanup = new ManualExecutor();
    Workers threads =
        queue -> queue.endsWith("/cleanup") ? cleanup : Workers.virtual().forQueue(queue);
    Kernel kernel = Systems.boot(1, Probe.NONE, threads, Limits.defaults());
    VmEntry vm = Systems.vm(kernel);
    EventfdRef eventfd = Systems.eventfd(kernel);
    var _ = kernel.irqfds().assign(vm.id(), eventfd, 5, null);
    Breakpoint at4 = kernel.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_DEREFERENCED));
    var _ = kernel.eventfds().write(eventfd, 1);
    kernel.waits().parked(at4.id(), 1, LONG);

    CloseOp close = kernel.vms().close(vm.id());
    assertThat(kernel.waits().over(close, 0)).isEqualTo(Waits.Progress.PENDING);

    var _ = Thread.ofVirtual().start(cleanup::runAll);
    assertThat(kernel.waits().over(close, LONG)).isEqualTo(Waits.Progress.HELD);
    assertThat(close.describe().stage()).isEqualTo("GRACE");

    var _ = kernel.breakpoints().release(at4.id(), 1);
    assertThat(kernel.waits().over(close, LONG)).isEqualTo(Waits.Progress.SETTLED);
  }

  @Test
  void closeIsNotHeldByWhatIsLeftOfAnEarlierBinding() {
    try (Rig rig = new Rig(1)) {
      Kernel kernel = rig.kernel();
      VmEntry vm = rig.vm();
      EventfdRef eventfd = rig.eventfd();
      Irqfd first = rig.assign(vm, eventfd, 5);
      Breakpoint free = rig.hold(Tracepoint.FREE_IRQFD);
      CloseOp earlier = kernel.irqfds().deassign(vm.id(), first.irqfdId());
      rig.requireHeld(earlier);
      var _ = rig.assign(vm, eventfd, 5);

      CloseOp close = kernel.eventfds().close(eventfd);

      assertThat(kernel.waits().over(close, LONG)).isEqualTo(Waits.Progress.SETTLED);
      rig.release(free);
    }
  }

  @Test
  void irqfdHeldAtItsSwapKeepsNoOtherOfItsVm() {
    try (Rig rig = new Rig(1)) {
      Kernel kernel = rig.kernel();
      VmEntry vm = rig.vm();
      EventfdRef free = rig.eventfd();
      var _ = rig.assign(vm, free, 5);
      Irqfd kept = rig.assign(vm, rig.eventfd(), 6);
      Breakpoint swapped =
          kernel.setBreakpoint(
              new Breakpoint.Spec(
                  Tracepoint.DISCONNECT_SWAPPED,
                  new Breakpoint.Match(0, kept.irqfdId(), 0, -1),
                  Breakpoint.Action.HOLD,
                  0,
                  0,
                  1,
                  LONG));
      CloseOp vmClose = kernel.vms().close(vm.id());
      rig.requireHeld(vmClose);

      CloseOp close = kernel.eventfds().close(free);

      assertThat(kernel.waits().over(close, LONG)).isEqualTo(Waits.Progress.SETTLED);
      assertThat(kernel.waits().over(vmClose, 0)).isEqualTo(Waits.Progress.HELD);
      rig.release(swapped);
    }
  }
}
