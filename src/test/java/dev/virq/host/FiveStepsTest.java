package dev.virq.host;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.inflight.PendingClose;
import dev.virq.inflight.PendingSignal;
import dev.virq.irqfd.Irqfd;
import dev.virq.irqfd.IrqfdState;
import dev.virq.testing.RaceRig;
import dev.virq.trace.Outcome;
import dev.virq.trace.Tracepoint;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The five steps of the 2009 patch, driven by a breakpoint at mark [4]. */
class FiveStepsTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void vmLivesUntilTheReaderInsideItsSectionIsDone(int workers) {
    try (RaceRig rig = new RaceRig(workers)) {
      Host host = rig.host();
      VmFile vm = rig.vm();
      EventfdName eventfd = rig.eventfd();
      Irqfd irqfd = rig.assign(vm, eventfd, 5);
      Breakpoint at4 = rig.hold(Tracepoint.INJECT_DEREFERENCED);

      // 1: CPU 0 picks up the pointer.
      PendingSignal signal = rig.write(eventfd);
      Thread _ = rig.held(at4);

      // 2: CPU 1 unlinks the object; synchronize_srcu cannot return.
      PendingClose close = host.vms().close(vm.id());
      rig.requireHeld(close);
      assertThatThrownBy(() -> host.waits().settled(LONG))
          .isInstanceOfSatisfying(
              ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EDEADLK));
      assertThat(vm.state()).isEqualTo(VmFile.State.CLOSING);
      assertThat(signal.outcome()).isNull();

      // 3: CPU 0 injects and leaves the section. 4, 5: the grace period ends, the VM is freed.
      rig.release(at4);
      host.waits().settled(LONG);

      assertThat(signal.outcome()).isEqualTo(Outcome.INJECTED);
      assertThat(vm.state()).isEqualTo(VmFile.State.RELEASED);
      assertThat(vm.seq()).isGreaterThan(signal.finalSeq());
      assertThat(irqfd.info().state()).isEqualTo(IrqfdState.FREED);
      assertThat(vm.vm().references()).isZero();
    }
  }
}
