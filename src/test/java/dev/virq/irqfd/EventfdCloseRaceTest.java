package dev.virq.irqfd;

import static dev.virq.eventfd.PollEvent.POLLHUP;
import static dev.virq.eventfd.PollEvent.POLLIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.eventfd.Outcome;
import dev.virq.eventfd.Signal;
import dev.virq.sandbox.CloseOp;
import dev.virq.sandbox.EventfdRef;
import dev.virq.sandbox.SignalRecord;
import dev.virq.sandbox.VmEntry;
import dev.virq.testing.ManualExecutor;
import dev.virq.testing.Rig;
import dev.virq.trace.Breakpoint;
import dev.virq.trace.Tracepoint;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The close of an eventfd, and de-assign, against injections and against each other. */
@ParameterizedClass(name = "{0} worker(s)")
@ValueSource(ints = {1, 4})
class EventfdCloseRaceTest {
  private final int workers;

  EventfdCloseRaceTest(int workers) {
    this.workers = workers;
  }

  @Test
  void tearDownRunsOnACleanUpWorkerWithNoLockHeld() {
    try (Rig rig = new Rig(workers)) {
      EventfdRef eventfd = rig.eventfd();
      Irqfd irqfd = rig.assign(rig.vm(), eventfd, 5);
      SignalRecord _ = rig.write(eventfd);
      rig.settle();

      rig.over(rig.kernel().eventfds().close(eventfd));

      // That no lock is held at any step of it is checked by the rig.
      assertThat(rig.seen().last(Tracepoint.HUP_UNHOOKED).thread().getName()).contains("/cleanup-");
      assertThat(rig.seen().of(irqfd.irqfdId()))
          .endsWith(
              Tracepoint.WAKEUP_POLLHUP,
              Tracepoint.HUP_UNHOOKED,
              Tracepoint.HUP_FLUSHED,
              Tracepoint.DISCONNECT_SWAPPED,
              Tracepoint.DISCONNECT_UNLISTED,
              Tracepoint.SYNC_BEGIN,
              Tracepoint.SYNC_FLIPPED,
              Tracepoint.SYNC_END,
              Tracepoint.PUT_VM,
              Tracepoint.FREE_IRQFD);
    }
  }

  @Test
  void queuedInjectionRunsToItsEndBeforeTheIrqfdIsSevered() {
    ManualExecutor injections = new ManualExecutor();
    try (Rig rig = Rig.injectingBy(injections)) {
      EventfdRef eventfd = rig.eventfd();
      Irqfd irqfd = rig.assign(rig.vm(), eventfd, 5);
      SignalRecord signal = rig.write(eventfd);

      CloseOp close = rig.kernel().eventfds().close(eventfd);
      Rig.await(() -> rig.seen().count(Tracepoint.HUP_UNHOOKED) == 1);
      Rig.awaitAsleepOr(
          rig.seen().last(Tracepoint.HUP_UNHOOKED).thread(),
          () -> rig.seen().count(Tracepoint.FREE_IRQFD) == 1);
      assertThat(irqfd.info().state()).isEqualTo(Irqfd.State.FLUSHING);
      injections.runAll();
      rig.over(close);

      assertThat(signal.outcome()).isEqualTo(Outcome.INJECTED);
      assertThat(irqfd.info().injected()).isEqualTo(1);
    }
  }

  @Test
  void closeWaitsForTheInjectionWhereverItStands() {
    for (Tracepoint stage :
        List.of(
            Tracepoint.INJECT_ENTER,
            Tracepoint.INJECT_LOCKED,
            Tracepoint.INJECT_DEREFERENCED,
            Tracepoint.INJECT_LOWERED)) {
      try (Rig rig = new Rig(workers)) {
        EventfdRef eventfd = rig.eventfd();
        Irqfd irqfd = rig.assign(rig.vm(), eventfd, 5);
        Breakpoint stop = rig.hold(stage);
        SignalRecord signal = rig.write(eventfd);
        Thread _ = rig.held(stop);

        CloseOp close = rig.kernel().eventfds().close(eventfd);
        Rig.await(() -> rig.seen().count(Tracepoint.HUP_UNHOOKED) == 1);
        Rig.awaitAsleepOr(
            rig.seen().last(Tracepoint.HUP_UNHOOKED).thread(),
            () -> rig.seen().count(Tracepoint.FREE_IRQFD) == 1);
        rig.requireHeld(close);
        assertThat(irqfd.info().state()).isEqualTo(Irqfd.State.FLUSHING);
        rig.release(stop);
        rig.over(close);

        assertThat(signal.outcome()).as("%s", stage).isEqualTo(Outcome.INJECTED);
        assertThat(rig.seen().of(irqfd.irqfdId()))
            .containsSubsequence(Tracepoint.INJECT_LOWERED, Tracepoint.HUP_FLUSHED);
      }
    }
  }

  @Test
  void flushHoldsNoLockThatAnInjectionTakes() throws InterruptedException {
    try (Rig rig = new Rig(workers)) {
      VmEntry vm = rig.vm();
      EventfdRef eventfd = rig.eventfd();
      Irqfd _ = rig.assign(vm, eventfd, 5);
      Breakpoint at4 = rig.hold(Tracepoint.INJECT_DEREFERENCED);
      SignalRecord signal = rig.write(eventfd);
      Thread _ = rig.held(at4);
      CloseOp close = rig.kernel().eventfds().close(eventfd);
      Rig.await(() -> rig.seen().count(Tracepoint.HUP_UNHOOKED) == 1);
      Rig.awaitAsleep(rig.seen().last(Tracepoint.HUP_UNHOOKED).thread());

      // The clean-up worker is in its flush: the VM's lock is free for anybody.
      Thread caller = Thread.ofVirtual().start(() -> rig.kernel().vms().setLine(vm.id(), 7, false));
      Rig.awaitAsleepOr(caller, () -> !caller.isAlive());
      assertThat(caller.isAlive()).as("waits for the VM's lock").isFalse();

      rig.release(at4);
      rig.over(close);
      assertThat(signal.outcome()).isEqualTo(Outcome.INJECTED);
    }
  }

  @Test
  void bindingThatWasNeverSignalledEndsAtOnce() {
    try (Rig rig = new Rig(workers)) {
      VmEntry vm = rig.vm();
      EventfdRef one = rig.eventfd();
      EventfdRef two = rig.eventfd();
      EventfdRef three = rig.eventfd();
      Irqfd closed = rig.assign(vm, one, 5);
      Irqfd unbound = rig.assign(vm, two, 6);
      Irqfd released = rig.assign(vm, three, 7);

      rig.over(rig.kernel().eventfds().close(one));
      rig.over(rig.kernel().irqfds().deassign(vm.id(), two, 6));
      rig.over(rig.kernel().vms().close(vm.id()));

      assertThat(List.of(closed, unbound, released))
          .extracting(irqfd -> irqfd.info().state())
          .containsOnly(Irqfd.State.FREED);
    }
  }

  @Test
  void wakeUpWithSeveralEventsServesEach() {
    try (Rig rig = new Rig(workers)) {
      EventfdRef eventfd = rig.eventfd();
      Irqfd irqfd = rig.assign(rig.vm(), eventfd, 5);

      synchronized (irqfd.eventfd()) {
        irqfd.wake(POLLIN | POLLHUP, Signal.UNTRACKED);
      }
      Rig.await(() -> irqfd.info().state() == Irqfd.State.FREED);
      Rig.await(() -> rig.kernel().counts().irqfds() == 0);

      assertThat(irqfd.info().injected()).isEqualTo(1);
      assertThat(irqfd.cause()).isEqualTo(Cause.HANGUP);
    }
  }

  @Test
  void secondCloseFindsTheDescriptorGone() {
    try (Rig rig = new Rig(workers)) {
      EventfdRef eventfd = rig.eventfd();
      Irqfd irqfd = rig.assign(rig.vm(), eventfd, 5);
      Breakpoint stop = rig.hold(Tracepoint.HUP_UNHOOKED);
      CloseOp close = rig.kernel().eventfds().close(eventfd);
      Thread _ = rig.held(stop);

      assertThatThrownBy(() -> rig.kernel().eventfds().close(eventfd))
          .isInstanceOfSatisfying(
              ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));

      rig.release(stop);
      rig.over(close);
      assertThat(rig.seen().count(Tracepoint.FREE_IRQFD, irqfd.irqfdId())).isEqualTo(1);
    }
  }

  @Test
  void hangUpWhileDeassignIsUnderWayFreesOnce() {
    for (Tracepoint stage : List.of(Tracepoint.HUP_UNHOOKED, Tracepoint.SYNC_BEGIN)) {
      try (Rig rig = new Rig(workers)) {
        VmEntry vm = rig.vm();
        EventfdRef eventfd = rig.eventfd();
        Irqfd irqfd = rig.assign(vm, eventfd, 5);
        Breakpoint stop = rig.hold(stage);
        CloseOp deassign = rig.kernel().irqfds().deassign(vm.id(), eventfd, 5);
        Thread _ = rig.held(stop);

        CloseOp again = rig.kernel().irqfds().deassign(vm.id(), irqfd.irqfdId());
        CloseOp close = rig.kernel().eventfds().close(eventfd);
        rig.over(close);
        rig.requireHeld(again);
        rig.release(stop);
        rig.over(deassign);
        rig.over(again);

        assertThat(rig.seen().count(Tracepoint.FREE_IRQFD, irqfd.irqfdId())).isEqualTo(1);
        assertThat(irqfd.cause()).isEqualTo(Cause.DEASSIGN);
      }
    }
  }

  @Test
  void injectionThatClosesItsOwnEventfdDoesNotWaitForItself() {
    for (Tracepoint stage : List.of(Tracepoint.INJECT_ENTER, Tracepoint.INJECT_DEREFERENCED)) {
      try (Rig rig = new Rig(workers)) {
        EventfdRef eventfd = rig.eventfd();
        Irqfd irqfd = rig.assign(rig.vm(), eventfd, 5);
        AtomicReference<CloseOp> close = new AtomicReference<>();
        rig.on(stage, subject -> close.set(rig.kernel().eventfds().close(eventfd)));

        SignalRecord signal = rig.write(eventfd);
        rig.settle();

        assertThat(signal.outcome()).as("%s", stage).isEqualTo(Outcome.INJECTED);
        rig.over(close.get());
        assertThat(irqfd.info().state()).isEqualTo(Irqfd.State.FREED);
      }
    }
  }

  @Test
  void deassignConsumesTheCounterSoThatNoSpuriousInterruptFollows() {
    try (Rig rig = new Rig(workers)) {
      VmEntry vm = rig.vm();
      EventfdRef eventfd = rig.eventfd();
      SignalRecord _ = rig.kernel().eventfds().write(eventfd, 9);
      Irqfd first = rig.assign(vm, eventfd, 5);
      rig.settle();
      assertThat(first.info().injected()).isEqualTo(1);

      rig.over(rig.kernel().irqfds().deassign(vm.id(), eventfd, 5));
      assertThat(first.eventfd().counters().drained()).isEqualTo(9);
      Irqfd second = rig.assign(vm, eventfd, 5);
      rig.settle();

      assertThat(second.info().callbacks()).isZero();
    }
  }
}
