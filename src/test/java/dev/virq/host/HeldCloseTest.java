package dev.virq.host;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.EventfdName;
import dev.virq.inflight.ExactWait;
import dev.virq.inflight.PendingClose;
import dev.virq.inflight.Stage;
import dev.virq.irqfd.Irqfd;
import dev.virq.testing.ManualExecutor;
import dev.virq.testing.RaceRig;
import dev.virq.testing.RaceRig.Pair;
import dev.virq.testing.TestHosts;
import dev.virq.testing.TestLimits;
import dev.virq.trace.Probe;
import dev.virq.trace.Tracepoint;
import dev.virq.workqueue.Workers;
import org.junit.jupiter.api.Test;

/** A close is held once it waits for a held reader, and not while it still goes on towards that. */
class HeldCloseTest {

  @Test
  void closeIsPendingUntilItWaitsAndThenHeldInItsGracePeriod() {
    ManualExecutor cleanup = new ManualExecutor();
    Workers threads =
        (queue, worker) -> queue.endsWith("/cleanup") ? cleanup : Workers.virtual(worker);
    Host host = TestHosts.boot(1, Probe.NONE, threads, TestLimits.defaults());
    VmFile vm = TestHosts.vm(host);
    EventfdName eventfd = TestHosts.eventfd(host);
    var _ = host.irqfds().assign(vm.id(), eventfd, 5, null);
    Breakpoint at4 = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_DEREFERENCED));
    var _ = host.eventfds().write(eventfd, 1);
    host.waits().parked(at4.id(), 1, LONG);

    PendingClose close = host.vms().close(vm.id());
    assertThat(host.waits().over(close, 0)).isEqualTo(ExactWait.Progress.PENDING);

    var _ = Thread.ofVirtual().start(cleanup::runAll);
    assertThat(host.waits().over(close, LONG)).isEqualTo(ExactWait.Progress.HELD);
    assertThat(close.describe().stage()).isEqualTo(Stage.GRACE);

    var _ = host.breakpoints().release(at4.id(), 1);
    assertThat(host.waits().over(close, LONG)).isEqualTo(ExactWait.Progress.SETTLED);
  }

  @Test
  void whatACloseTookIsNotToldBeforeTheVmIsReleased() {
    try (RaceRig rig = new RaceRig(1)) {
      Host host = rig.host();
      Pair pair = rig.boundPair(5);
      Breakpoint put = rig.hold(Tracepoint.PUT_VM);
      rig.requireHeld(host.irqfds().deassign(pair.vm().id(), pair.irqfd().irqfdId()));

      host.vms().close(pair.vm().id());
      host.waits().parked(LONG);
      assertThat(pair.vm().state()).isEqualTo(VmFile.State.CLOSING);
      assertThat(pair.vm().end()).isNull();

      rig.release(put);
      host.waits().settled(LONG);
      assertThat(pair.vm().state()).isEqualTo(VmFile.State.RELEASED);
      assertThat(pair.vm().end()).isNotNull();
    }
  }

  @Test
  void closeIsNotHeldByWhatIsLeftOfAnEarlierBinding() {
    try (RaceRig rig = new RaceRig(1)) {
      Host host = rig.host();
      Pair pair = rig.boundPair(5);
      Breakpoint free = rig.hold(Tracepoint.FREE_IRQFD);
      PendingClose earlier = host.irqfds().deassign(pair.vm().id(), pair.irqfd().irqfdId());
      rig.requireHeld(earlier);
      var _ = rig.assign(pair.vm(), pair.eventfd(), 5);

      PendingClose close = host.eventfds().close(pair.eventfd());

      assertThat(host.waits().over(close, LONG)).isEqualTo(ExactWait.Progress.SETTLED);
      rig.release(free);
    }
  }

  @Test
  void irqfdHeldAtItsSwapKeepsNoOtherOfItsVm() {
    try (RaceRig rig = new RaceRig(1)) {
      Host host = rig.host();
      VmFile vm = rig.vm();
      EventfdName free = rig.eventfd();
      var _ = rig.assign(vm, free, 5);
      Irqfd kept = rig.assign(vm, rig.eventfd(), 6);
      Breakpoint swapped =
          host.setBreakpoint(
              new Breakpoint.Spec(
                  Tracepoint.DISCONNECT_SWAPPED,
                  new Breakpoint.Match(0, kept.irqfdId(), 0, -1),
                  Breakpoint.Action.HOLD,
                  0,
                  0,
                  1,
                  LONG));
      PendingClose vmClose = host.vms().close(vm.id());
      rig.requireHeld(vmClose);

      PendingClose close = host.eventfds().close(free);

      assertThat(host.waits().over(close, LONG)).isEqualTo(ExactWait.Progress.SETTLED);
      assertThat(host.waits().over(vmClose, 0)).isEqualTo(ExactWait.Progress.HELD);
      rig.release(swapped);
    }
  }
}
