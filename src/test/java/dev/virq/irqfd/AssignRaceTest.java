package dev.virq.irqfd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.host.VmFile;
import dev.virq.inflight.PendingClose;
import dev.virq.inflight.PendingSignal;
import dev.virq.testing.RaceRig;
import dev.virq.testing.RaceRig.Held;
import dev.virq.trace.Outcome;
import dev.virq.trace.Tracepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Assign against assign, against the close of either side, and against its own refusals. */
@ParameterizedClass(name = "{0} worker(s)")
@ValueSource(ints = {1, 4})
class AssignRaceTest {
  private static final List<Tracepoint> STAGES =
      List.of(Tracepoint.ASSIGN_LISTED, Tracepoint.ASSIGN_BEFORE_FPUT);

  private final int workers;

  AssignRaceTest(int workers) {
    this.workers = workers;
  }

  private static void refused(Errno errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  @Test
  void eventfdIsBoundOnceInWhicheverVm() {
    try (RaceRig rig = new RaceRig(workers)) {
      VmFile vm = rig.vm();
      VmFile other = rig.vm();
      EventfdName eventfd = rig.eventfd();
      Irqfd irqfd = rig.assign(vm, eventfd, 5);

      refused(Errno.EBUSY, () -> rig.assign(vm, eventfd, 5));
      refused(Errno.EBUSY, () -> rig.assign(vm, eventfd, 6));
      refused(Errno.EBUSY, () -> rig.assign(other, eventfd, 5));

      PendingSignal _ = rig.write(eventfd);
      rig.settle();
      assertThat(irqfd.info().injected()).isEqualTo(1);
      assertThat(rig.host().chips().line(other.id(), 5).raises()).isZero();
      assertThat(rig.host().counts().irqfds()).isEqualTo(1);
    }
  }

  @Test
  void refusedAssignLeavesNothingBehind() {
    try (RaceRig rig = new RaceRig(workers)) {
      Host host = rig.host();
      VmFile vm = rig.vm();
      VmFile bare = host.vms().create(null);
      VmFile closed = rig.vm();
      rig.over(host.vms().close(closed.id()));
      EventfdName bound = rig.eventfd();
      Irqfd irqfd = rig.assign(vm, bound, 5);
      EventfdName free = rig.eventfd();
      EventfdName gone = rig.eventfd();
      rig.over(host.eventfds().close(gone));
      EventfdName pipe = EventfdName.fd(host.eventfds().pipe());
      VmFile other = rig.vm();

      refused(Errno.EBADF, () -> rig.assign(closed, free, 5));
      refused(Errno.EINVAL, () -> rig.assign(bare, free, 5));
      refused(Errno.EBADF, () -> rig.assign(other, gone, 5));
      refused(Errno.EINVAL, () -> rig.assign(other, pipe, 5));
      refused(Errno.EBADF, () -> host.irqfds().assign(other.id(), free, 5, gone));
      refused(Errno.EBUSY, () -> rig.assign(other, bound, 5));

      assertThat(other.vm().references()).isEqualTo(1);
      assertThat(other.irqfds().size()).isZero();
      assertThat(bare.vm().references()).isEqualTo(1);
      assertThat(host.eventfds().find(free).eventfd().hooked()).isNull();
      assertThat(irqfd.eventfd().hooked()).isSameAs(irqfd);
      assertThat(host.counts().irqfds()).isEqualTo(1);
      assertThat(host.eventfds().close(pipe).report().settled()).isTrue();
      rig.over(host.vms().close(other.id()));
      assertThat(other.state()).isEqualTo(VmFile.State.RELEASED);
    }
  }

  @Test
  void oneOfManyAssignsOfOneEventfdWins() throws InterruptedException {
    try (RaceRig rig = new RaceRig(workers)) {
      for (int round = 0; round < 50; round++) {
        EventfdName eventfd = rig.eventfd();
        AtomicInteger won = new AtomicInteger();
        AtomicInteger busy = new AtomicInteger();
        CyclicBarrier start = new CyclicBarrier(4);
        List<Thread> racers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          VmFile vm = rig.vm();
          racers.add(
              Thread.ofVirtual()
                  .start(() -> {
                    try {
                      start.await();
                      Irqfd _ = rig.assign(vm, eventfd, 5);
                      won.incrementAndGet();
                    } catch (ErrnoException e) {
                      busy.addAndGet(e.errno() == Errno.EBUSY ? 1 : 100);
                    } catch (Exception e) {
                      throw new AssertionError(e);
                    }
                  }));
        }
        for (Thread racer : racers) {
          racer.join();
        }
        assertThat(won).hasValue(1);
        assertThat(busy).hasValue(3);
      }
    }
  }

  @Test
  void eventfdClosedDuringAssignIsSeenWhenAssignIsDone() throws InterruptedException {
    for (Tracepoint stage : STAGES) {
      try (RaceRig rig = new RaceRig(workers)) {
        VmFile vm = rig.vm();
        EventfdName eventfd = rig.eventfd();
        Held<Thread> assigning = rig.heldAssign(vm, eventfd, 5, stage);

        PendingClose close = rig.closeEventfd(eventfd);
        rig.requireHeld(close);
        assertThat(rig.seen().count(Tracepoint.WAKEUP_POLLHUP)).as("%s", stage).isZero();
        rig.release(assigning);
        rig.over(close);

        assigning.call().join();
        assertThat(rig.seen().count(Tracepoint.FREE_IRQFD)).isEqualTo(1);
        assertThat(vm.vm().references()).isEqualTo(1);
      }
    }
  }

  @Test
  void vmClosedDuringAssignIsReleasedWhenAssignIsDone() throws InterruptedException {
    for (Tracepoint stage : STAGES) {
      try (RaceRig rig = new RaceRig(workers)) {
        VmFile vm = rig.vm();
        EventfdName eventfd = rig.eventfd();
        Held<Thread> assigning = rig.heldAssign(vm, eventfd, 5, stage);

        PendingClose close = rig.closeVm(vm);
        rig.requireHeld(close);
        assertThat(rig.seen().count(Tracepoint.RELEASE_BEGIN)).as("%s", stage).isZero();
        rig.release(assigning);
        rig.over(close);

        assigning.call().join();
        assertThat(rig.seen().count(Tracepoint.FREE_IRQFD)).isEqualTo(1);
        assertThat(vm.state()).isEqualTo(VmFile.State.RELEASED);
      }
    }
  }

  @Test
  void assignToAClosedVmIsRefusedWhileAnotherCallStillUsesIt() throws InterruptedException {
    try (RaceRig rig = new RaceRig(workers)) {
      VmFile vm = rig.vm();
      EventfdName one = rig.eventfd();
      EventfdName two = rig.eventfd();
      Held<Thread> assigning = rig.heldAssign(vm, one, 5, Tracepoint.ASSIGN_LISTED);
      PendingClose close = rig.closeVm(vm);

      refused(Errno.EBADF, () -> rig.assign(vm, two, 6));

      assertThat(vm.vm().references()).isEqualTo(2);
      rig.release(assigning);
      rig.over(close);
      assigning.call().join();
    }
  }

  @Test
  void deassignDuringAssignEndsTheBindingOnce() throws InterruptedException {
    for (Tracepoint stage : STAGES) {
      try (RaceRig rig = new RaceRig(workers)) {
        VmFile vm = rig.vm();
        EventfdName eventfd = rig.eventfd();
        Held<Thread> assigning = rig.heldAssign(vm, eventfd, 5, stage);

        rig.over(rig.deassign(vm, eventfd, 5));
        Irqfd again = rig.assign(vm, eventfd, 6);
        rig.release(assigning);
        assigning.call().join();

        assertThat(again.info().state()).isEqualTo(IrqfdState.ACTIVE);
        assertThat(vm.irqfds().size()).isEqualTo(1);
      }
    }
  }

  @Test
  void eventfdCanBeBoundAgainOnceTheVmIsClosed() {
    try (RaceRig rig = new RaceRig(workers)) {
      VmFile vm = rig.vm();
      VmFile next = rig.vm();
      EventfdName eventfd = rig.eventfd();
      Irqfd _ = rig.assign(vm, eventfd, 5);
      rig.over(rig.closeVm(vm));

      Irqfd again = rig.assign(next, eventfd, 6);
      PendingSignal signal = rig.write(eventfd);
      rig.settle();

      assertThat(signal.outcome()).isEqualTo(Outcome.INJECTED);
      assertThat(again.info().injected()).isEqualTo(1);
    }
  }
}
