package dev.virq.irqfd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.eventfd.Outcome;
import dev.virq.lockorder.LockOrder;
import dev.virq.sandbox.CloseOp;
import dev.virq.sandbox.EventfdRef;
import dev.virq.sandbox.SignalRecord;
import dev.virq.sandbox.VmEntry;
import dev.virq.testing.Rig;
import dev.virq.trace.Breakpoint;
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
    try (Rig rig = new Rig(workers)) {
      VmEntry vm = rig.vm();
      EventfdRef eventfd = rig.eventfd();
      Irqfd irqfd = rig.assign(vm, eventfd, 5);
      Breakpoint winner = rig.hold(Tracepoint.SYNC_BEGIN);
      CloseOp vmClose = rig.kernel().vms().close(vm.id());
      Thread _ = rig.held(winner);

      CloseOp eventfdClose = rig.kernel().eventfds().close(eventfd);
      Rig.await(() -> rig.seen().count(Tracepoint.HUP_FLUSHED) == 1);
      Rig.awaitAsleepOr(
          rig.seen().last(Tracepoint.HUP_FLUSHED).thread(),
          () -> rig.seen().count(Tracepoint.FREE_IRQFD) > 0);
      assertThat(rig.seen().count(Tracepoint.FREE_IRQFD)).as("freed under the winner").isZero();
      rig.release(winner);
      rig.over(vmClose);
      rig.over(eventfdClose);

      assertThat(rig.seen().count(Tracepoint.DISCONNECT_SWAPPED)).isEqualTo(1);
      assertThat(rig.seen().count(Tracepoint.SYNC_END)).isEqualTo(1);
      assertThat(rig.seen().count(Tracepoint.FREE_IRQFD, irqfd.irqfdId())).isEqualTo(1);
      assertThat(irqfd.cause()).isEqualTo(Cause.HANGUP);
      assertThat(vm.state()).isEqualTo(VmEntry.State.RELEASED);
    }
  }

  @Test
  void vmCloseThatLosesToAHangUpWaitsForIt() {
    for (Tracepoint stage : List.of(Tracepoint.SYNC_BEGIN, Tracepoint.PUT_VM)) {
      try (Rig rig = new Rig(workers)) {
        VmEntry vm = rig.vm();
        EventfdRef eventfd = rig.eventfd();
        Irqfd irqfd = rig.assign(vm, eventfd, 5);
        // Not severed yet, so that the VM's close finds it on its list.
        Breakpoint swapped = rig.hold(Tracepoint.DISCONNECT_SWAPPED);
        CloseOp eventfdClose = rig.kernel().eventfds().close(eventfd);
        Thread _ = rig.held(swapped);
        Breakpoint winner = rig.hold(stage);

        CloseOp vmClose = rig.kernel().vms().close(vm.id());
        Rig.await(() -> rig.seen().count(Tracepoint.RELEASE_BEGIN) == 1);
        Rig.awaitAsleepOr(
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
        assertThat(irqfd.cause()).isEqualTo(Cause.HANGUP);
      }
    }
  }

  @Test
  void vmCloseEndsWhatAHangUpHasUnhookedButNotSevered() {
    for (Tracepoint stage : List.of(Tracepoint.HUP_UNHOOKED, Tracepoint.HUP_FLUSHED)) {
      try (Rig rig = new Rig(workers)) {
        VmEntry vm = rig.vm();
        EventfdRef eventfd = rig.eventfd();
        Irqfd irqfd = rig.assign(vm, eventfd, 5);
        Breakpoint stop = rig.hold(stage);
        CloseOp eventfdClose = rig.kernel().eventfds().close(eventfd);
        Thread _ = rig.held(stop);

        CloseOp vmClose = rig.kernel().vms().close(vm.id());
        rig.over(vmClose);
        assertThat(vm.state()).as("%s", stage).isEqualTo(VmEntry.State.RELEASED);
        assertThat(irqfd.info().state()).isNotEqualTo(Irqfd.State.FREED);
        rig.release(stop);
        rig.over(eventfdClose);

        assertThat(rig.seen().count(Tracepoint.DISCONNECT_SWAPPED)).isEqualTo(1);
        assertThat(rig.seen().count(Tracepoint.FREE_IRQFD, irqfd.irqfdId())).isEqualTo(1);
      }
    }
  }

  @Test
  void eventfdClosedBehindTheVmsCloseFindsNothingToDo() {
    try (Rig rig = new Rig(workers)) {
      VmEntry vm = rig.vm();
      EventfdRef eventfd = rig.eventfd();
      Irqfd irqfd = rig.assign(vm, eventfd, 5);
      Breakpoint unhooked = rig.hold(Tracepoint.HUP_UNHOOKED);
      CloseOp vmClose = rig.kernel().vms().close(vm.id());
      Thread _ = rig.held(unhooked);

      rig.over(rig.kernel().eventfds().close(eventfd));
      rig.release(unhooked);
      rig.over(vmClose);

      assertThat(irqfd.cause()).isEqualTo(Cause.VM_RELEASE);
      assertThat(rig.seen().count(Tracepoint.WAKEUP_POLLHUP)).isZero();
    }
  }

  @Test
  void readerInsideItsSectionKeepsTheVm() {
    for (Tracepoint stage : List.of(Tracepoint.INJECT_DEREFERENCED, Tracepoint.INJECT_LOWERED)) {
      try (Rig rig = new Rig(workers)) {
        VmEntry vm = rig.vm();
        EventfdRef eventfd = rig.eventfd();
        Irqfd irqfd = rig.assign(vm, eventfd, 5);
        Breakpoint stop = rig.hold(stage);
        SignalRecord signal = rig.write(eventfd);
        Thread _ = rig.held(stop);

        CloseOp close = rig.kernel().vms().close(vm.id());
        Rig.await(() -> rig.seen().count(Tracepoint.SYNC_BEGIN) == 1);
        Rig.awaitAsleepOr(
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
      try (Rig rig = new Rig(workers)) {
        VmEntry vm = rig.vm();
        EventfdRef eventfd = rig.eventfd();
        Irqfd irqfd = rig.assign(vm, eventfd, 5);
        Breakpoint stop = rig.hold(stage);
        SignalRecord signal = rig.write(eventfd);
        Thread _ = rig.held(stop);

        CloseOp close = rig.kernel().vms().close(vm.id());
        Rig.await(() -> rig.seen().count(Tracepoint.SYNC_BEGIN) == 1);
        Rig.awaitAsleep(rig.seen().last(Tracepoint.SYNC_BEGIN).thread());
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
    try (Rig rig = new Rig(workers)) {
      VmEntry vm = rig.vm();
      EventfdRef one = rig.eventfd();
      EventfdRef two = rig.eventfd();
      Irqfd first = rig.assign(vm, one, 5);
      Irqfd second = rig.assign(vm, two, 6);
      Breakpoint firstAt4 = rig.hold(Tracepoint.INJECT_DEREFERENCED, first);
      Breakpoint secondAt4 = rig.hold(Tracepoint.INJECT_DEREFERENCED, second);
      SignalRecord _ = rig.write(one);
      SignalRecord late = rig.write(two);
      Thread _ = rig.held(firstAt4);
      Thread _ = rig.held(secondAt4);
      CloseOp close = rig.kernel().vms().close(vm.id());
      Rig.await(() -> rig.seen().count(Tracepoint.SYNC_BEGIN, first.irqfdId()) == 1);
      Rig.await(() -> rig.seen().count(Tracepoint.SYNC_BEGIN, second.irqfdId()) == 1);

      // Both grace periods wait; one reader goes on, takes the VM's lock, and ends its own.
      rig.release(secondAt4);
      Rig.await(() -> second.info().state() == Irqfd.State.FREED);
      assertThat(late.outcome()).isEqualTo(Outcome.INJECTED);
      rig.requireHeld(close);
      rig.release(firstAt4);
      rig.over(close);
    }
  }

  @Test
  void vmCloseTakesTheListUnderTheVmsLock() {
    try (Rig rig = new Rig(workers)) {
      VmEntry vm = rig.vm();
      Irqfd _ = rig.assign(vm, rig.eventfd(), 5);
      CloseOp close;

      vm.vm().lock();
      LockOrder.holdsForAnother();
      try {
        close = rig.kernel().vms().close(vm.id());
        Rig.await(() -> rig.seen().count(Tracepoint.RELEASE_BEGIN) == 1);
        Rig.awaitAsleep(rig.seen().last(Tracepoint.RELEASE_BEGIN).thread());
        assertThat(rig.seen().count(Tracepoint.DISCONNECT_SWAPPED)).isZero();
      } finally {
        vm.vm().unlock();
      }

      rig.over(close);
    }
  }

  @Test
  void hangUpOfASiblingWhileTheVmsCloseWorksThroughItsList() {
    try (Rig rig = new Rig(workers)) {
      VmEntry vm = rig.vm();
      EventfdRef one = rig.eventfd();
      EventfdRef two = rig.eventfd();
      EventfdRef three = rig.eventfd();
      Irqfd first = rig.assign(vm, one, 5);
      Irqfd second = rig.assign(vm, two, 6);
      Irqfd third = rig.assign(vm, three, 7);
      Breakpoint atSecond = rig.hold(Tracepoint.DISCONNECT_SWAPPED, second);
      CloseOp vmClose = rig.kernel().vms().close(vm.id());
      Thread _ = rig.held(atSecond);

      // The list is taken, and the close has not claimed the tear-down of this entry yet.
      CloseOp hangUp = rig.kernel().eventfds().close(two);
      assertThat(second.cause()).isEqualTo(Cause.HANGUP);
      rig.release(atSecond);
      rig.over(hangUp);
      rig.over(vmClose);

      assertThat(List.of(first, second, third))
          .extracting(Irqfd::cause)
          .containsExactly(Cause.VM_RELEASE, Cause.HANGUP, Cause.VM_RELEASE);
      assertThat(rig.seen().count(Tracepoint.FREE_IRQFD)).isEqualTo(3);
    }
  }

  @Test
  void readerThatStaysHoldsUpOnlyItsOwnSevering() {
    try (Rig rig = new Rig(workers)) {
      VmEntry vm = rig.vm();
      VmEntry otherVm = rig.vm();
      EventfdRef stuck = rig.eventfd();
      EventfdRef sibling = rig.eventfd();
      EventfdRef stranger = rig.eventfd();
      Irqfd held = rig.assign(vm, stuck, 5);
      Irqfd free = rig.assign(vm, sibling, 6);
      Irqfd _ = rig.assign(otherVm, stranger, 5);
      Breakpoint at4 = rig.hold(Tracepoint.INJECT_DEREFERENCED, held);
      SignalRecord _ = rig.write(stuck);
      Thread _ = rig.held(at4);
      CloseOp close = rig.kernel().vms().close(vm.id());
      rig.requireHeld(close);

      Rig.await(() -> free.info().state() == Irqfd.State.FREED);
      SignalRecord elsewhere = rig.write(stranger);
      Rig.await(() -> elsewhere.outcome() == Outcome.INJECTED);
      rig.over(rig.kernel().vms().close(otherVm.id()));
      assertThat(otherVm.state()).isEqualTo(VmEntry.State.RELEASED);
      assertThat(vm.state()).isEqualTo(VmEntry.State.CLOSING);

      rig.release(at4);
      rig.over(close);
    }
  }

  @Test
  void readerThatComesWhileTheVmClosesHoldsUpOnlyItsOwnSevering() {
    try (Rig rig = new Rig(workers)) {
      VmEntry vm = rig.vm();
      EventfdRef one = rig.eventfd();
      Irqfd first = rig.assign(vm, one, 5);
      Irqfd second = rig.assign(vm, rig.eventfd(), 6);
      Breakpoint begin = rig.hold(Tracepoint.SYNC_BEGIN, first);
      CloseOp close = rig.kernel().vms().close(vm.id());
      Thread _ = rig.held(begin);
      Breakpoint reader = rig.hold(Tracepoint.INJECT_DEREFERENCED, first);
      SignalRecord signal = rig.write(one);
      Thread _ = rig.held(reader);

      rig.release(begin);
      Rig.await(() -> second.info().state() == Irqfd.State.FREED);

      rig.requireHeld(close);
      rig.release(reader);
      rig.over(close);
      assertThat(signal.outcome()).isEqualTo(Outcome.DROPPED_VM_GONE);
    }
  }

  @Test
  void secondCloseOfAVmIsRefused() {
    try (Rig rig = new Rig(workers)) {
      VmEntry vm = rig.vm();
      Irqfd _ = rig.assign(vm, rig.eventfd(), 5);
      Breakpoint stop = rig.hold(Tracepoint.SYNC_BEGIN);
      CloseOp close = rig.kernel().vms().close(vm.id());
      Thread _ = rig.held(stop);

      assertThatThrownBy(() -> rig.kernel().vms().close(vm.id()))
          .isInstanceOfSatisfying(
              ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));

      rig.release(stop);
      rig.over(close);
      assertThat(rig.seen().count(Tracepoint.VM_RELEASED)).isEqualTo(1);
    }
  }

  @Test
  void whoeverDropsTheLastReferenceDestroysTheVmOnce() {
    try (Rig rig = new Rig(workers)) {
      VmEntry vm = rig.vm();
      EventfdRef eventfd = rig.eventfd();
      Irqfd irqfd = rig.assign(vm, eventfd, 5);
      Breakpoint beforePut = rig.hold(Tracepoint.PUT_VM);
      CloseOp eventfdClose = rig.kernel().eventfds().close(eventfd);
      Thread _ = rig.held(beforePut);

      // Unlisted by now: the VM's close does not find it and ends; its reference is still held.
      CloseOp vmClose = rig.kernel().vms().close(vm.id());
      rig.over(vmClose);
      assertThat(vm.vm().references()).isEqualTo(1);
      assertThat(vm.state()).isEqualTo(VmEntry.State.CLOSING);
      assertThat(rig.seen().count(Tracepoint.VM_RELEASED)).isZero();
      rig.release(beforePut);
      rig.over(eventfdClose);

      assertThat(vm.state()).isEqualTo(VmEntry.State.RELEASED);
      assertThat(irqfd.tearDown().vmFreed()).isTrue();
    }
  }

  @Test
  void injectionThatClosesItsOwnVmDoesNotWaitForItself() {
    for (Tracepoint stage : List.of(Tracepoint.INJECT_ENTER, Tracepoint.INJECT_DEREFERENCED)) {
      try (Rig rig = new Rig(workers)) {
        VmEntry vm = rig.vm();
        EventfdRef eventfd = rig.eventfd();
        Irqfd _ = rig.assign(vm, eventfd, 5);
        AtomicReference<CloseOp> close = new AtomicReference<>();
        rig.on(stage, subject -> close.set(rig.kernel().vms().close(vm.id())));

        SignalRecord signal = rig.write(eventfd);
        rig.settle();

        rig.over(close.get());
        // Before its section begins, the close may come first.
        boolean inside = stage == Tracepoint.INJECT_DEREFERENCED;
        assertThat(signal.outcome())
            .isIn(Outcome.INJECTED, inside ? Outcome.INJECTED : Outcome.DROPPED_VM_GONE);
        assertThat(vm.state()).isEqualTo(VmEntry.State.RELEASED);
      }
    }
  }
}
