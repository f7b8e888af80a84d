package dev.virq.host;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.inflight.PendingClose;
import dev.virq.inflight.PendingSignal;
import dev.virq.irqfd.IrqfdState;
import dev.virq.testing.RaceRig;
import dev.virq.testing.RaceRig.Held;
import dev.virq.testing.RaceRig.Pair;
import dev.virq.trace.Outcome;
import dev.virq.trace.Tracepoint;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** McKenney's five steps of 2 June 2009, driven by a breakpoint at mark [4] of the 2009 patch. */
class FiveStepsTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void vmLivesUntilTheReaderInsideItsSectionIsDone(int workers) {
    try (RaceRig rig = new RaceRig(workers)) {
      Host host = rig.host();
      Pair pair = rig.boundPair(5);

      // 1: CPU 0 picks up the pointer.
      Held<PendingSignal> reader = rig.heldReader(pair, Tracepoint.INJECT_DEREFERENCED);
      PendingSignal signal = reader.call();

      // 2: CPU 1 unlinks the object; synchronize_srcu cannot return.
      PendingClose close = host.vms().close(pair.vm().id());
      rig.requireHeld(close);
      assertThatThrownBy(() -> host.waits().settled(LONG))
          .isInstanceOfSatisfying(
              ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EDEADLK));
      assertThat(pair.vm().state()).isEqualTo(VmFile.State.CLOSING);
      assertThat(signal.outcome()).isNull();

      // 3: CPU 0 injects and leaves the section. 4, 5: the grace period ends, the VM is freed.
      rig.release(reader);
      host.waits().settled(LONG);

      assertThat(signal.outcome()).isEqualTo(Outcome.INJECTED);
      assertThat(pair.vm().state()).isEqualTo(VmFile.State.RELEASED);
      assertThat(pair.vm().seq()).isGreaterThan(signal.finalSeq());
      assertThat(pair.irqfd().info().state()).isEqualTo(IrqfdState.FREED);
      assertThat(pair.vm().vm().references()).isZero();
    }
  }
}
