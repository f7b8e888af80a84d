package dev.virq.irqfd;

import static dev.virq.eventfd.PollEvent.POLLHUP;
import static dev.virq.eventfd.PollEvent.POLLIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.eventfd.Signal;
import dev.virq.host.VmFile;
import dev.virq.inflight.PendingClose;
import dev.virq.inflight.PendingSignal;
import dev.virq.testing.ManualExecutor;
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
    try (RaceRig rig = new RaceRig(workers)) {
      Pair pair = rig.boundPair(5);
      PendingSignal _ = rig.write(pair.eventfd());
      rig.settle();

      rig.over(rig.closeEventfd(pair.eventfd()));

      // That no lock is held at any step of it is checked by the rig.
      assertThat(rig.seen().last(Tracepoint.HUP_UNHOOKED).thread().getName()).contains("/cleanup-");
      assertThat(rig.seen().of(pair.irqfd().irqfdId()))
          .endsWith(
              Tracepoint.WAKEUP_POLLHUP,
              Tracepoint.HUP_UNHOOKED,
              Tracepoint.HUP_FLUSHING,
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
    try (RaceRig rig = RaceRig.injectingBy(injections)) {
      Pair pair = rig.boundPair(5);
      PendingSignal signal = rig.write(pair.eventfd());

      PendingClose close = rig.closeEventfd(pair.eventfd());
      RaceRig.await(() -> rig.seen().count(Tracepoint.HUP_UNHOOKED) == 1);
      RaceRig.awaitAsleepOr(
          rig.seen().last(Tracepoint.HUP_UNHOOKED).thread(),
          () -> rig.seen().count(Tracepoint.FREE_IRQFD) == 1);
      assertThat(pair.irqfd().info().state()).isEqualTo(IrqfdState.FLUSHING);
      injections.runAll();
      rig.over(close);

      assertThat(signal.outcome()).isEqualTo(Outcome.INJECTED);
      assertThat(pair.irqfd().info().injected()).isEqualTo(1);
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
      try (RaceRig rig = new RaceRig(workers)) {
        Pair pair = rig.boundPair(5);
        Held<PendingSignal> reader = rig.heldReader(pair, stage);

        PendingClose close = rig.closeEventfd(pair.eventfd());
        RaceRig.await(() -> rig.seen().count(Tracepoint.HUP_UNHOOKED) == 1);
        RaceRig.awaitAsleepOr(
            rig.seen().last(Tracepoint.HUP_UNHOOKED).thread(),
            () -> rig.seen().count(Tracepoint.FREE_IRQFD) == 1);
        rig.requireHeld(close);
        assertThat(pair.irqfd().info().state()).isEqualTo(IrqfdState.FLUSHING);
        rig.release(reader);
        rig.over(close);

        assertThat(reader.call().outcome()).as("%s", stage).isEqualTo(Outcome.INJECTED);
        assertThat(rig.seen().of(pair.irqfd().irqfdId()))
            .containsSubsequence(Tracepoint.INJECT_LOWERED, Tracepoint.HUP_FLUSHED);
      }
    }
  }

  @Test
  void flushHoldsNoLockThatAnInjectionTakes() throws InterruptedException {
    try (RaceRig rig = new RaceRig(workers)) {
      Pair pair = rig.boundPair(5);
      Held<PendingSignal> reader = rig.heldReader(pair, Tracepoint.INJECT_DEREFERENCED);
      PendingClose close = rig.closeEventfd(pair.eventfd());
      RaceRig.await(() -> rig.seen().count(Tracepoint.HUP_UNHOOKED) == 1);
      RaceRig.awaitAsleep(rig.seen().last(Tracepoint.HUP_UNHOOKED).thread());

      // The clean-up worker is in its flush: the VM's lock is free for anybody.
      Thread caller =
          Thread.ofVirtual().start(() -> rig.host().chips().setLine(pair.vm().id(), 7, false));
      RaceRig.awaitAsleepOr(caller, () -> !caller.isAlive());
      assertThat(caller.isAlive()).as("waits for the VM's lock").isFalse();

      rig.release(reader);
      rig.over(close);
      assertThat(reader.call().outcome()).isEqualTo(Outcome.INJECTED);
    }
  }

  @Test
  void bindingThatWasNeverSignalledEndsAtOnce() {
    try (RaceRig rig = new RaceRig(workers)) {
      VmFile vm = rig.vm();
      Pair closed = rig.boundPair(vm, 5);
      Pair unbound = rig.boundPair(vm, 6);
      Pair released = rig.boundPair(vm, 7);

      rig.over(rig.closeEventfd(closed.eventfd()));
      rig.over(rig.deassign(vm, unbound.eventfd(), 6));
      rig.over(rig.closeVm(vm));

      assertThat(List.of(closed, unbound, released))
          .extracting(pair -> pair.irqfd().info().state())
          .containsOnly(IrqfdState.FREED);
    }
  }

  @Test
  void wakeUpWithSeveralEventsServesEach() {
    try (RaceRig rig = new RaceRig(workers)) {
      Pair pair = rig.boundPair(5);

      synchronized (pair.irqfd().eventfd()) {
        pair.irqfd().wake(POLLIN | POLLHUP, Signal.UNTRACKED);
      }
      RaceRig.await(() -> pair.irqfd().info().state() == IrqfdState.FREED);
      RaceRig.await(() -> rig.host().counts().irqfds() == 0);

      assertThat(pair.irqfd().info().injected()).isEqualTo(1);
      assertThat(pair.irqfd().cause()).isEqualTo(EndCause.HANGUP);
    }
  }

  @Test
  void secondCloseFindsTheDescriptorGone() {
    try (RaceRig rig = new RaceRig(workers)) {
      Pair pair = rig.boundPair(5);
      Held<PendingClose> close =
          rig.heldAt(Tracepoint.HUP_UNHOOKED, () -> rig.closeEventfd(pair.eventfd()));

      assertThatThrownBy(() -> rig.closeEventfd(pair.eventfd()))
          .isInstanceOfSatisfying(
              ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));

      rig.release(close);
      rig.over(close.call());
      assertThat(rig.seen().count(Tracepoint.FREE_IRQFD, pair.irqfd().irqfdId())).isEqualTo(1);
    }
  }

  @Test
  void hangUpWhileDeassignIsUnderWayFreesOnce() {
    for (Tracepoint stage : List.of(Tracepoint.HUP_UNHOOKED, Tracepoint.SYNC_BEGIN)) {
      try (RaceRig rig = new RaceRig(workers)) {
        Pair pair = rig.boundPair(5);
        Held<PendingClose> deassign =
            rig.heldAt(stage, () -> rig.deassign(pair.vm(), pair.eventfd(), 5));

        PendingClose again = rig.host().irqfds().deassign(pair.vm().id(), pair.irqfd().irqfdId());
        PendingClose close = rig.closeEventfd(pair.eventfd());
        rig.over(close);
        rig.requireHeld(again);
        rig.release(deassign);
        rig.over(deassign.call());
        rig.over(again);

        assertThat(rig.seen().count(Tracepoint.FREE_IRQFD, pair.irqfd().irqfdId())).isEqualTo(1);
        assertThat(pair.irqfd().cause()).isEqualTo(EndCause.DEASSIGN);
      }
    }
  }

  @Test
  void injectionThatClosesItsOwnEventfdDoesNotWaitForItself() {
    for (Tracepoint stage : List.of(Tracepoint.INJECT_ENTER, Tracepoint.INJECT_DEREFERENCED)) {
      try (RaceRig rig = new RaceRig(workers)) {
        Pair pair = rig.boundPair(5);
        AtomicReference<PendingClose> close = new AtomicReference<>();
        rig.on(stage, subject -> close.set(rig.closeEventfd(pair.eventfd())));

        PendingSignal signal = rig.write(pair.eventfd());
        rig.settle();

        assertThat(signal.outcome()).as("%s", stage).isEqualTo(Outcome.INJECTED);
        rig.over(close.get());
        assertThat(pair.irqfd().info().state()).isEqualTo(IrqfdState.FREED);
      }
    }
  }

  @Test
  void deassignConsumesTheCounterSoThatNoSpuriousInterruptFollows() {
    try (RaceRig rig = new RaceRig(workers)) {
      VmFile vm = rig.vm();
      EventfdName eventfd = rig.eventfd();
      PendingSignal _ = rig.host().eventfds().write(eventfd, 9);
      Irqfd first = rig.assign(vm, eventfd, 5);
      rig.settle();
      assertThat(first.info().injected()).isEqualTo(1);

      rig.over(rig.deassign(vm, eventfd, 5));
      assertThat(first.eventfd().counters().drained()).isEqualTo(9);
      Irqfd second = rig.assign(vm, eventfd, 5);
      rig.settle();

      assertThat(second.info().callbacks()).isZero();
    }
  }

  @Test
  void manyClosesOfOneHeldIrqfdAllEndWithIt() {
    int closes = 30_000;
    try (RaceRig rig = new RaceRig(workers)) {
      Pair pair = rig.boundPair(5);
      Held<PendingSignal> reader = rig.heldReader(pair, Tracepoint.INJECT_DEREFERENCED);
      for (int i = 0; i < closes; i++) {
        PendingClose _ = rig.deassign(pair.vm(), pair.eventfd(), 5);
      }

      rig.release(reader);
      rig.settle();

      assertThat(pair.irqfd().info().state()).isEqualTo(IrqfdState.FREED);
      assertThat(rig.host().bugs()).isZero();
    }
  }
}
