package dev.virq.irqfd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.host.VmFile;
import dev.virq.inflight.PendingClose;
import dev.virq.inflight.PendingSignal;
import dev.virq.lockorder.LockOrder;
import dev.virq.testing.RaceRig;
import dev.virq.testing.RaceRig.Held;
import dev.virq.testing.RaceRig.Pair;
import dev.virq.trace.EndCause;
import dev.virq.trace.Outcome;
import dev.virq.trace.Tracepoint;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The close of a VM against injections, and against the close of its eventfds. */
@ParameterizedClass(name = "{0} worker(s)")
@ValueSource(ints = {1, 4})
class VmCloseRaceTest {
  private final int workers;

  VmCloseRaceTest(int workers) {
    this.workers = workers;
  }

  @Test
  void hangUpThatLosesToTheVmsCloseWaitsForIt() {
    try (RaceRig rig = new RaceRig(workers)) {
      Pair pair = rig.boundPair(5);
      Held<PendingClose> vmClose = rig.heldAt(Tracepoint.SYNC_BEGIN, () -> rig.closeVm(pair.vm()));

      PendingClose eventfdClose = rig.closeEventfd(pair.eventfd());
      RaceRig.await(() -> rig.seen().count(Tracepoint.HUP_FLUSHED) == 1);
      RaceRig.awaitAsleepOr(
          rig.seen().last(Tracepoint.HUP_FLUSHED).thread(),
          () -> rig.seen().count(Tracepoint.FREE_IRQFD) > 0);
      assertThat(rig.seen().count(Tracepoint.FREE_IRQFD)).as("freed under the winner").isZero();
      rig.release(vmClose);
      rig.over(vmClose.call());
      rig.over(eventfdClose);

      assertThat(rig.seen().count(Tracepoint.DISCONNECT_SWAPPED)).isEqualTo(1);
      assertThat(rig.seen().count(Tracepoint.SYNC_END)).isEqualTo(1);
      assertThat(rig.seen().count(Tracepoint.FREE_IRQFD, pair.irqfd().irqfdId())).isEqualTo(1);
      assertThat(pair.irqfd().cause()).isEqualTo(EndCause.HANGUP);
      assertThat(pair.vm().state()).isEqualTo(VmFile.State.RELEASED);
    }
  }

  @Test
  void vmCloseThatLosesToAHangUpWaitsForIt() {
    for (Tracepoint stage : List.of(Tracepoint.SYNC_BEGIN, Tracepoint.PUT_VM)) {
      try (RaceRig rig = new RaceRig(workers)) {
        Pair pair = rig.boundPair(5);
        // Not severed yet, so that the VM's close finds it on its list.
        Held<PendingClose> eventfdClose =
            rig.heldAt(Tracepoint.DISCONNECT_SWAPPED, () -> rig.closeEventfd(pair.eventfd()));
        Breakpoint winner = rig.hold(stage);

        PendingClose vmClose = rig.closeVm(pair.vm());
        RaceRig.await(() -> rig.seen().count(Tracepoint.RELEASE_BEGIN) == 1);
        RaceRig.awaitAsleepOr(
            rig.seen().last(Tracepoint.RELEASE_BEGIN).thread(),
            () -> pair.vm().vm().references() < 2);
        rig.release(eventfdClose);
        Thread _ = rig.held(winner);
        assertThat(pair.vm().vm().references()).as("%s", stage).isEqualTo(2);
        rig.requireHeld(vmClose);
        rig.release(winner);
        rig.over(vmClose);
        rig.over(eventfdClose.call());

        assertThat(rig.seen().count(Tracepoint.DISCONNECT_SWAPPED)).isEqualTo(1);
        assertThat(rig.seen().count(Tracepoint.FREE_IRQFD, pair.irqfd().irqfdId())).isEqualTo(1);
        assertThat(pair.irqfd().cause()).isEqualTo(EndCause.HANGUP);
      }
    }
  }

  @Test
  void vmCloseEndsWhatAHangUpHasUnhookedButNotSevered() {
    for (Tracepoint stage : List.of(Tracepoint.HUP_UNHOOKED, Tracepoint.HUP_FLUSHED)) {
      try (RaceRig rig = new RaceRig(workers)) {
        Pair pair = rig.boundPair(5);
        Held<PendingClose> eventfdClose = rig.heldAt(stage, () -> rig.closeEventfd(pair.eventfd()));

        PendingClose vmClose = rig.closeVm(pair.vm());
        rig.over(vmClose);
        assertThat(pair.vm().state()).as("%s", stage).isEqualTo(VmFile.State.RELEASED);
        assertThat(pair.irqfd().info().state()).isNotEqualTo(IrqfdState.FREED);
        rig.release(eventfdClose);
        rig.over(eventfdClose.call());

        assertThat(rig.seen().count(Tracepoint.DISCONNECT_SWAPPED)).isEqualTo(1);
        assertThat(rig.seen().count(Tracepoint.FREE_IRQFD, pair.irqfd().irqfdId())).isEqualTo(1);
      }
    }
  }

  @Test
  void eventfdClosedBehindTheVmsCloseFindsNothingToDo() {
    try (RaceRig rig = new RaceRig(workers)) {
      Pair pair = rig.boundPair(5);
      Held<PendingClose> vmClose =
          rig.heldAt(Tracepoint.HUP_UNHOOKED, () -> rig.closeVm(pair.vm()));

      rig.over(rig.closeEventfd(pair.eventfd()));
      rig.release(vmClose);
      rig.over(vmClose.call());

      assertThat(pair.irqfd().cause()).isEqualTo(EndCause.VM_RELEASE);
      assertThat(rig.seen().count(Tracepoint.WAKEUP_POLLHUP)).isZero();
    }
  }

  @Test
  void readerInsideItsSectionKeepsTheVm() {
    for (Tracepoint stage : List.of(Tracepoint.INJECT_DEREFERENCED, Tracepoint.INJECT_LOWERED)) {
      try (RaceRig rig = new RaceRig(workers)) {
        Pair pair = rig.boundPair(5);
        Held<PendingSignal> reader = rig.heldReader(pair, stage);

        PendingClose close = rig.closeVm(pair.vm());
        RaceRig.await(() -> rig.seen().count(Tracepoint.SYNC_BEGIN) == 1);
        RaceRig.awaitAsleepOr(
            rig.seen().last(Tracepoint.SYNC_BEGIN).thread(),
            () -> rig.seen().count(Tracepoint.PUT_VM) == 1);
        assertThat(rig.seen().count(Tracepoint.SYNC_END)).as("%s", stage).isZero();
        assertThat(pair.vm().vm().references()).as("%s", stage).isEqualTo(2);
        rig.requireHeld(close);
        rig.release(reader);
        rig.over(close);

        assertThat(reader.call().outcome()).as("%s", stage).isEqualTo(Outcome.INJECTED);
        assertThat(pair.irqfd().tearDown().waitedForReaders()).isEqualTo(1);
        assertThat(rig.seen().of(pair.irqfd().irqfdId()))
            .containsSubsequence(Tracepoint.INJECT_LOWERED, Tracepoint.SYNC_END, Tracepoint.PUT_VM);
      }
    }
  }

  @Test
  void readerThatComesAfterTheSwapBailsOut() {
    for (Tracepoint stage : List.of(Tracepoint.INJECT_ENTER, Tracepoint.INJECT_LOCKED)) {
      try (RaceRig rig = new RaceRig(workers)) {
        Pair pair = rig.boundPair(5);
        Held<PendingSignal> reader = rig.heldReader(pair, stage);

        PendingClose close = rig.closeVm(pair.vm());
        RaceRig.await(() -> rig.seen().count(Tracepoint.SYNC_BEGIN) == 1);
        RaceRig.awaitAsleep(rig.seen().last(Tracepoint.SYNC_BEGIN).thread());
        rig.requireHeld(close);
        rig.release(reader);
        rig.over(close);

        assertThat(reader.call().outcome()).as("%s", stage).isEqualTo(Outcome.DROPPED_VM_GONE);
        assertThat(rig.seen().count(Tracepoint.INJECT_MUTEX)).isZero();
        assertThat(pair.irqfd().info().severed()).isEqualTo(1);
      }
    }
  }

  @Test
  void gracePeriodHoldsNoLockThatAReaderTakes() {
    try (RaceRig rig = new RaceRig(workers)) {
      VmFile vm = rig.vm();
      Pair one = rig.boundPair(vm, 5);
      Pair two = rig.boundPair(vm, 6);
      Held<PendingSignal> first = rig.heldReader(one, Tracepoint.INJECT_DEREFERENCED);
      Held<PendingSignal> second = rig.heldReader(two, Tracepoint.INJECT_DEREFERENCED);
      PendingClose close = rig.closeVm(vm);
      RaceRig.await(() -> rig.seen().count(Tracepoint.SYNC_BEGIN, one.irqfd().irqfdId()) == 1);
      RaceRig.await(() -> rig.seen().count(Tracepoint.SYNC_BEGIN, two.irqfd().irqfdId()) == 1);

      // Both grace periods wait; one reader goes on, takes the VM's lock, and ends its own.
      rig.release(second);
      RaceRig.await(() -> two.irqfd().info().state() == IrqfdState.FREED);
      assertThat(second.call().outcome()).isEqualTo(Outcome.INJECTED);
      rig.requireHeld(close);
      rig.release(first);
      rig.over(close);
    }
  }

  @Test
  void vmCloseTakesTheListUnderTheVmsLock() {
    try (RaceRig rig = new RaceRig(workers)) {
      Pair pair = rig.boundPair(5);
      PendingClose close;

      pair.vm().vm().lock();
      LockOrder.holdsForAnother();
      try {
        close = rig.closeVm(pair.vm());
        RaceRig.await(() -> rig.seen().count(Tracepoint.RELEASE_BEGIN) == 1);
        RaceRig.awaitAsleep(rig.seen().last(Tracepoint.RELEASE_BEGIN).thread());
        assertThat(rig.seen().count(Tracepoint.DISCONNECT_SWAPPED)).isZero();
      } finally {
        pair.vm().vm().unlock();
      }

      rig.over(close);
    }
  }

  @Test
  void hangUpOfASiblingWhileTheVmsCloseWorksThroughItsList() {
    try (RaceRig rig = new RaceRig(workers)) {
      VmFile vm = rig.vm();
      Irqfd first = rig.boundPair(vm, 5).irqfd();
      Pair sibling = rig.boundPair(vm, 6);
      Irqfd second = sibling.irqfd();
      Irqfd third = rig.boundPair(vm, 7).irqfd();
      Held<PendingClose> vmClose =
          rig.heldAt(Tracepoint.DISCONNECT_SWAPPED, second, () -> rig.closeVm(vm));

      // The list is taken, and the close has not claimed the tear-down of this entry yet.
      PendingClose hangUp = rig.closeEventfd(sibling.eventfd());
      assertThat(second.cause()).isEqualTo(EndCause.HANGUP);
      rig.release(vmClose);
      rig.over(hangUp);
      rig.over(vmClose.call());

      assertThat(List.of(first, second, third))
          .extracting(Irqfd::cause)
          .containsExactly(EndCause.VM_RELEASE, EndCause.HANGUP, EndCause.VM_RELEASE);
      assertThat(rig.seen().count(Tracepoint.FREE_IRQFD)).isEqualTo(3);
    }
  }

  @Test
  void readerThatStaysHoldsUpOnlyItsOwnSevering() {
    try (RaceRig rig = new RaceRig(workers)) {
      VmFile vm = rig.vm();
      Pair stuck = rig.boundPair(vm, 5);
      Irqfd free = rig.boundPair(vm, 6).irqfd();
      Pair stranger = rig.boundPair(5);
      Held<PendingSignal> reader = rig.heldReader(stuck, Tracepoint.INJECT_DEREFERENCED);
      PendingClose close = rig.closeVm(vm);
      rig.requireHeld(close);

      RaceRig.await(() -> free.info().state() == IrqfdState.FREED);
      PendingSignal elsewhere = rig.write(stranger.eventfd());
      RaceRig.await(() -> elsewhere.outcome() == Outcome.INJECTED);
      rig.over(rig.closeVm(stranger.vm()));
      assertThat(stranger.vm().state()).isEqualTo(VmFile.State.RELEASED);
      assertThat(vm.state()).isEqualTo(VmFile.State.CLOSING);

      rig.release(reader);
      rig.over(close);
    }
  }

  @Test
  void readerThatComesWhileTheVmClosesHoldsUpOnlyItsOwnSevering() {
    try (RaceRig rig = new RaceRig(workers)) {
      VmFile vm = rig.vm();
      Pair first = rig.boundPair(vm, 5);
      Irqfd second = rig.boundPair(vm, 6).irqfd();
      Held<PendingClose> close =
          rig.heldAt(Tracepoint.SYNC_BEGIN, first.irqfd(), () -> rig.closeVm(vm));
      Held<PendingSignal> reader = rig.heldReader(first, Tracepoint.INJECT_DEREFERENCED);

      rig.release(close);
      RaceRig.await(() -> second.info().state() == IrqfdState.FREED);

      rig.requireHeld(close.call());
      rig.release(reader);
      rig.over(close.call());
      assertThat(reader.call().outcome()).isEqualTo(Outcome.DROPPED_VM_GONE);
    }
  }

  @Test
  void secondCloseOfAVmIsRefused() {
    try (RaceRig rig = new RaceRig(workers)) {
      Pair pair = rig.boundPair(5);
      Held<PendingClose> close = rig.heldAt(Tracepoint.SYNC_BEGIN, () -> rig.closeVm(pair.vm()));

      assertThatThrownBy(() -> rig.closeVm(pair.vm()))
          .isInstanceOfSatisfying(
              ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));

      rig.release(close);
      rig.over(close.call());
      assertThat(rig.seen().count(Tracepoint.VM_RELEASED)).isEqualTo(1);
    }
  }

  @Test
  void whoeverDropsTheLastReferenceDestroysTheVmOnce() {
    try (RaceRig rig = new RaceRig(workers)) {
      Pair pair = rig.boundPair(5);
      Held<PendingClose> eventfdClose =
          rig.heldAt(Tracepoint.PUT_VM, () -> rig.closeEventfd(pair.eventfd()));

      // Unlisted by now: the VM's close does not find it and ends; its reference is still held.
      PendingClose vmClose = rig.closeVm(pair.vm());
      rig.over(vmClose);
      assertThat(pair.vm().vm().references()).isEqualTo(1);
      assertThat(pair.vm().state()).isEqualTo(VmFile.State.CLOSING);
      assertThat(rig.seen().count(Tracepoint.VM_RELEASED)).isZero();
      rig.release(eventfdClose);
      rig.over(eventfdClose.call());

      assertThat(pair.vm().state()).isEqualTo(VmFile.State.RELEASED);
      assertThat(pair.irqfd().tearDown().vmFreed()).isTrue();
    }
  }

  @Test
  void injectionThatClosesItsOwnVmDoesNotWaitForItself() {
    for (Tracepoint stage : List.of(Tracepoint.INJECT_ENTER, Tracepoint.INJECT_DEREFERENCED)) {
      try (RaceRig rig = new RaceRig(workers)) {
        Pair pair = rig.boundPair(5);
        AtomicReference<PendingClose> close = new AtomicReference<>();
        rig.on(stage, subject -> close.set(rig.closeVm(pair.vm())));

        PendingSignal signal = rig.write(pair.eventfd());
        rig.settle();

        rig.over(close.get());
        // Before its section begins, the close may come first.
        boolean inside = stage == Tracepoint.INJECT_DEREFERENCED;
        assertThat(signal.outcome())
            .isIn(Outcome.INJECTED, inside ? Outcome.INJECTED : Outcome.DROPPED_VM_GONE);
        assertThat(pair.vm().state()).isEqualTo(VmFile.State.RELEASED);
      }
    }
  }
}
