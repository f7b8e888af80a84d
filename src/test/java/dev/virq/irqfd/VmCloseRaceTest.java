package dev.virq.irqfd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.host.EventfdName;
import dev.virq.host.VmFile;
import dev.virq.inflight.PendingClose;
import dev.virq.inflight.PendingSignal;
import dev.virq.lockorder.LockOrder;
import dev.virq.testing.RaceRig;
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
      VmFile vm = rig.vm();
      EventfdName eventfd = rig.eventfd();
      Irqfd irqfd = rig.assign(vm, eventfd, 5);
      Breakpoint winner = rig.hold(Tracepoint.SYNC_BEGIN);
      PendingClose vmClose = rig.host().vms().close(vm.id());
      Thread _ = rig.held(winner);

      PendingClose eventfdClose = rig.host().eventfds().close(eventfd);
      RaceRig.await(() -> rig.seen().count(Tracepoint.HUP_FLUSHED) == 1);
      RaceRig.awaitAsleepOr(
          rig.seen().last(Tracepoint.HUP_FLUSHED).thread(),
          () -> rig.seen().count(Tracepoint.FREE_IRQFD) > 0);
      assertThat(rig.seen().count(Tracepoint.FREE_IRQFD)).as("freed under the winner").isZero();
      rig.release(winner);
      rig.over(vmClose);
      rig.over(eventfdClose);

      assertThat(rig.seen().count(Tracepoint.DISCONNECT_SWAPPED)).isEqualTo(1);
      assertThat(rig.seen().count(Tracepoint.SYNC_END)).isEqualTo(1);
      assertThat(rig.seen().count(Tracepoint.FREE_IRQFD, irqfd.irqfdId())).isEqualTo(1);
      assertThat(irqfd.cause()).isEqualTo(EndCause.HANGUP);
      assertThat(vm.state()).isEqualTo(VmFile.State.RELEASED);
    }
  }

  @Test
  void vmCloseThatLosesToAHangUpWaitsForIt() {
    for (Tracepoint stage : List.of(Tracepoint.SYNC_BEGIN, Tracepoint.PUT_VM)) {
      try (RaceRig rig = new RaceRig(workers)) {
        VmFile vm = rig.vm();
        EventfdName eventfd = rig.eventfd();
        Irqfd irqfd = rig.assign(vm, eventfd, 5);
        // Not severed yet, so that the VM's close finds it on its list.
        Breakpoint swapped = rig.hold(Tracepoint.DISCONNECT_SWAPPED);
        PendingClose eventfdClose = rig.host().eventfds().close(eventfd);
        Thread _ = rig.held(swapped);
        Breakpoint winner = rig.hold(stage);

        PendingClose vmClose = rig.host().vms().close(vm.id());
        RaceRig.await(() -> rig.seen().count(Tracepoint.RELEASE_BEGIN) == 1);
        RaceRig.awaitAsleepOr(
            rig.seen().last(Tracepoint.RELEASE_BEGIN).thread(), () -> vm.vm().references() < 2);
        rig.release(swapped);
        Thread _ = rig.held(winner);
        assertThat(vm.vm().references()).as("%s", stage).isEqualTo(2);
        rig.requireHeld(vmClose);
        rig.release(winner);
        rig.over(vmClose);
        rig.over(eventfdClose);

        assertThat(rig.seen().count(Tracepoint.DISCONNECT_SWAPPED)).isEqualTo(1);
        assertThat(rig.seen().count(Tracepoint.FREE_IRQFD, irqfd.irqfdId())).isEqualTo(1);
        assertThat(irqfd.cause()).isEqualTo(EndCause.HANGUP);
      }
    }
  }

  @Test
  void vmCloseEndsWhatAHangUpHasUnhookedButNotSevered() {
    for (Tracepoint stage : List.of(Tracepoint.HUP_UNHOOKED, Tracepoint.HUP_FLUSHED)) {
      try (RaceRig rig = new RaceRig(workers)) {
        VmFile vm = rig.vm();
        EventfdName eventfd = rig.eventfd();
        Irqfd irqfd = rig.assign(vm, eventfd, 5);
        Breakpoint stop = rig.hold(stage);
        PendingClose eventfdClose = rig.host().eventfds().close(eventfd);
        Thread _ = rig.held(stop);

        PendingClose vmClose = rig.host().vms().close(vm.id());
        rig.over(vmClose);
        assertThat(vm.state()).as("%s", stage).isEqualTo(VmFile.State.RELEASED);
        assertThat(irqfd.info().state()).isNotEqualTo(IrqfdState.FREED);
        rig.release(stop);
        rig.over(eventfdClose);

        assertThat(rig.seen().count(Tracepoint.DISCONNECT_SWAPPED)).isEqualTo(1);
        assertThat(rig.seen().count(Tracepoint.FREE_IRQFD, irqfd.irqfdId())).isEqualTo(1);
      }
    }
  }

  @Test
  void eventfdClosedBehindTheVmsCloseFindsNothingToDo() {
    try (RaceRig rig = new RaceRig(workers)) {
      VmFile vm = rig.vm();
      EventfdName eventfd = rig.eventfd();
      Irqfd irqfd = rig.assign(vm, eventfd, 5);
      Breakpoint unhooked = rig.hold(Tracepoint.HUP_UNHOOKED);
      PendingClose vmClose = rig.host().vms().close(vm.id());
      Thread _ = rig.held(unhooked);

      rig.over(rig.host().eventfds().close(eventfd));
      rig.release(unhooked);
      rig.over(vmClose);

      assertThat(irqfd.cause()).isEqualTo(EndCause.VM_RELEASE);
      assertThat(rig.seen().count(Tracepoint.WAKEUP_POLLHUP)).isZero();
    }
  }

  @Test
  void readerInsideItsSectionKeepsTheVm() {
    for (Tracepoint stage : List.of(Tracepoint.INJECT_DEREFERENCED, Tracepoint.INJECT_LOWERED)) {
      try (RaceRig rig = new RaceRig(workers)) {
        VmFile vm = rig.vm();
        EventfdName eventfd = rig.eventfd();
        Irqfd irqfd = rig.assign(vm, eventfd, 5);
        Breakpoint stop = rig.hold(stage);
        PendingSignal signal = rig.write(eventfd);
        Thread _ = rig.held(stop);

        PendingClose close = rig.host().vms().close(vm.id());
        RaceRig.await(() -> rig.seen().count(Tracepoint.SYNC_BEGIN) == 1);
        RaceRig.awaitAsleepOr(
            rig.seen().last(Tracepoint.SYNC_BEGIN).thread(),
            () -> rig.seen().count(Tracepoint.PUT_VM) == 1);
        assertThat(rig.seen().count(Tracepoint.SYNC_END)).as("%s", stage).isZero();
        assertThat(vm.vm().references()).as("%s", stage).isEqualTo(2);
        rig.requireHeld(close);
        rig.release(stop);
        rig.over(close);

        assertThat(signal.outcome()).as("%s", stage).isEqualTo(Outcome.INJECTED);
        assertThat(irqfd.tearDown().waitedForReaders()).isEqualTo(1);
        assertThat(rig.seen().of(irqfd.irqfdId()))
            .containsSubsequence(Tracepoint.INJECT_LOWERED, Tracepoint.SYNC_END, Tracepoint.PUT_VM);
      }
    }
  }

  @Test
  void readerThatComesAfterTheSwapBailsOut() {
    for (Tracepoint stage : List.of(Tracepoint.INJECT_ENTER, Tracepoint.INJECT_LOCKED)) {
      try (RaceRig rig = new RaceRig(workers)) {
        VmFile vm = rig.vm();
        EventfdName eventfd = rig.eventfd();
        Irqfd irqfd = rig.assign(vm, eventfd, 5);
        Breakpoint stop = rig.hold(stage);
        PendingSignal signal = rig.write(eventfd);
        Thread _ = rig.held(stop);

        PendingClose close = rig.host().vms().close(vm.id());
        RaceRig.await(() -> rig.seen().count(Tracepoint.SYNC_BEGIN) == 1);
        RaceRig.awaitAsleep(rig.seen().last(Tracepoint.SYNC_BEGIN).thread());
        rig.requireHeld(close);
        rig.release(stop);
        rig.over(close);

        assertThat(signal.outcome()).as("%s", stage).isEqualTo(Outcome.DROPPED_VM_GONE);
        assertThat(rig.seen().count(Tracepoint.INJECT_MUTEX)).isZero();
        assertThat(irqfd.info().severed()).isEqualTo(1);
      }
    }
  }

  @Test
  void gracePeriodHoldsNoLockThatAReaderTakes() {
    try (RaceRig rig = new RaceRig(workers)) {
      VmFile vm = rig.vm();
      EventfdName one = rig.eventfd();
      EventfdName two = rig.eventfd();
      Irqfd first = rig.assign(vm, one, 5);
      Irqfd second = rig.assign(vm, two, 6);
      Breakpoint firstAt4 = rig.hold(Tracepoint.INJECT_DEREFERENCED, first);
      Breakpoint secondAt4 = rig.hold(Tracepoint.INJECT_DEREFERENCED, second);
      PendingSignal _ = rig.write(one);
      PendingSignal late = rig.write(two);
      Thread _ = rig.held(firstAt4);
      Thread _ = rig.held(secondAt4);
      PendingClose close = rig.host().vms().close(vm.id());
      RaceRig.await(() -> rig.seen().count(Tracepoint.SYNC_BEGIN, first.irqfdId()) == 1);
      RaceRig.await(() -> rig.seen().count(Tracepoint.SYNC_BEGIN, second.irqfdId()) == 1);

      // Both grace periods wait; one reader goes on, takes the VM's lock, and ends its own.
      rig.release(secondAt4);
      RaceRig.await(() -> second.info().state() == IrqfdState.FREED);
      assertThat(late.outcome()).isEqualTo(Outcome.INJECTED);
      rig.requireHeld(close);
      rig.release(firstAt4);
      rig.over(close);
    }
  }

  @Test
  void vmCloseTakesTheListUnderTheVmsLock() {
    try (RaceRig rig = new RaceRig(workers)) {
      VmFile vm = rig.vm();
      Irqfd _ = rig.assign(vm, rig.eventfd(), 5);
      PendingClose close;

      vm.vm().lock();
      LockOrder.holdsForAnother();
      try {
        close = rig.host().vms().close(vm.id());
        RaceRig.await(() -> rig.seen().count(Tracepoint.RELEASE_BEGIN) == 1);
        RaceRig.awaitAsleep(rig.seen().last(Tracepoint.RELEASE_BEGIN).thread());
        assertThat(rig.seen().count(Tracepoint.DISCONNECT_SWAPPED)).isZero();
      } finally {
        vm.vm().unlock();
      }

      rig.over(close);
    }
  }

  @Test
  void hangUpOfASiblingWhileTheVmsCloseWorksThroughItsList() {
    try (RaceRig rig = new RaceRig(workers)) {
      VmFile vm = rig.vm();
      EventfdName one = rig.eventfd();
      EventfdName two = rig.eventfd();
      EventfdName three = rig.eventfd();
      Irqfd first = rig.assign(vm, one, 5);
      Irqfd second = rig.assign(vm, two, 6);
      Irqfd third = rig.assign(vm, three, 7);
      Breakpoint atSecond = rig.hold(Tracepoint.DISCONNECT_SWAPPED, second);
      PendingClose vmClose = rig.host().vms().close(vm.id());
      Thread _ = rig.held(atSecond);

      // The list is taken, and the close has not claimed the tear-down of this entry yet.
      PendingClose hangUp = rig.host().eventfds().close(two);
      assertThat(second.cause()).isEqualTo(EndCause.HANGUP);
      rig.release(atSecond);
      rig.over(hangUp);
      rig.over(vmClose);

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
      VmFile otherVm = rig.vm();
      EventfdName stuck = rig.eventfd();
      EventfdName sibling = rig.eventfd();
      EventfdName stranger = rig.eventfd();
      Irqfd held = rig.assign(vm, stuck, 5);
      Irqfd free = rig.assign(vm, sibling, 6);
      Irqfd _ = rig.assign(otherVm, stranger, 5);
      Breakpoint at4 = rig.hold(Tracepoint.INJECT_DEREFERENCED, held);
      PendingSignal _ = rig.write(stuck);
      Thread _ = rig.held(at4);
      PendingClose close = rig.host().vms().close(vm.id());
      rig.requireHeld(close);

      RaceRig.await(() -> free.info().state() == IrqfdState.FREED);
      PendingSignal elsewhere = rig.write(stranger);
      RaceRig.await(() -> elsewhere.outcome() == Outcome.INJECTED);
      rig.over(rig.host().vms().close(otherVm.id()));
      assertThat(otherVm.state()).isEqualTo(VmFile.State.RELEASED);
      assertThat(vm.state()).isEqualTo(VmFile.State.CLOSING);

      rig.release(at4);
      rig.over(close);
    }
  }

  @Test
  void readerThatComesWhileTheVmClosesHoldsUpOnlyItsOwnSevering() {
    try (RaceRig rig = new RaceRig(workers)) {
      VmFile vm = rig.vm();
      EventfdName one = rig.eventfd();
      Irqfd first = rig.assign(vm, one, 5);
      Irqfd second = rig.assign(vm, rig.eventfd(), 6);
      Breakpoint begin = rig.hold(Tracepoint.SYNC_BEGIN, first);
      PendingClose close = rig.host().vms().close(vm.id());
      Thread _ = rig.held(begin);
      Breakpoint reader = rig.hold(Tracepoint.INJECT_DEREFERENCED, first);
      PendingSignal signal = rig.write(one);
      Thread _ = rig.held(reader);

      rig.release(begin);
      RaceRig.await(() -> second.info().state() == IrqfdState.FREED);

      rig.requireHeld(close);
      rig.release(reader);
      rig.over(close);
      assertThat(signal.outcome()).isEqualTo(Outcome.DROPPED_VM_GONE);
    }
  }

  @Test
  void secondCloseOfAVmIsRefused() {
    try (RaceRig rig = new RaceRig(workers)) {
      VmFile vm = rig.vm();
      Irqfd _ = rig.assign(vm, rig.eventfd(), 5);
      Breakpoint stop = rig.hold(Tracepoint.SYNC_BEGIN);
      PendingClose close = rig.host().vms().close(vm.id());
      Thread _ = rig.held(stop);

      assertThatThrownBy(() -> rig.host().vms().close(vm.id()))
          .isInstanceOfSatisfying(
              ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));

      rig.release(stop);
      rig.over(close);
      assertThat(rig.seen().count(Tracepoint.VM_RELEASED)).isEqualTo(1);
    }
  }

  @Test
  void whoeverDropsTheLastReferenceDestroysTheVmOnce() {
    try (RaceRig rig = new RaceRig(workers)) {
      VmFile vm = rig.vm();
      EventfdName eventfd = rig.eventfd();
      Irqfd irqfd = rig.assign(vm, eventfd, 5);
      Breakpoint beforePut = rig.hold(Tracepoint.PUT_VM);
      PendingClose eventfdClose = rig.host().eventfds().close(eventfd);
      Thread _ = rig.held(beforePut);

      // Unlisted by now: the VM's close does not find it and ends; its reference is still held.
      PendingClose vmClose = rig.host().vms().close(vm.id());
      rig.over(vmClose);
      assertThat(vm.vm().references()).isEqualTo(1);
      assertThat(vm.state()).isEqualTo(VmFile.State.CLOSING);
      assertThat(rig.seen().count(Tracepoint.VM_RELEASED)).isZero();
      rig.release(beforePut);
      rig.over(eventfdClose);

      assertThat(vm.state()).isEqualTo(VmFile.State.RELEASED);
      assertThat(irqfd.tearDown().vmFreed()).isTrue();
    }
  }

  @Test
  void injectionThatClosesItsOwnVmDoesNotWaitForItself() {
    for (Tracepoint stage : List.of(Tracepoint.INJECT_ENTER, Tracepoint.INJECT_DEREFERENCED)) {
      try (RaceRig rig = new RaceRig(workers)) {
        VmFile vm = rig.vm();
        EventfdName eventfd = rig.eventfd();
        Irqfd _ = rig.assign(vm, eventfd, 5);
        AtomicReference<PendingClose> close = new AtomicReference<>();
        rig.on(stage, subject -> close.set(rig.host().vms().close(vm.id())));

        PendingSignal signal = rig.write(eventfd);
        rig.settle();

        rig.over(close.get());
        // Before its section begins, the close may come first.
        boolean inside = stage == Tracepoint.INJECT_DEREFERENCED;
        assertThat(signal.outcome())
            .isIn(Outcome.INJECTED, inside ? Outcome.INJECTED : Outcome.DROPPED_VM_GONE);
        assertThat(vm.state()).isEqualTo(VmFile.State.RELEASED);
      }
    }
  }
}
