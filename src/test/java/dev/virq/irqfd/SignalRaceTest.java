package dev.virq.irqfd;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.host.VmFile;
import dev.virq.inflight.PendingClose;
import dev.virq.inflight.PendingSignal;
import dev.virq.testing.ManualExecutor;
import dev.virq.testing.RaceRig;
import dev.virq.testing.RaceRig.Held;
import dev.virq.testing.RaceRig.Pair;
import dev.virq.testing.RecordingProbe.Hit;
import dev.virq.trace.Outcome;
import dev.virq.trace.Tracepoint;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A signal against other signals, against its own injection, and against assign. */
@ParameterizedClass(name = "{0} worker(s)")
@ValueSource(ints = {1, 4})
class SignalRaceTest {
  /** Where an injection can be stopped, all of it after its request was taken. */
  private static final List<Tracepoint> STAGES =
      List.of(
          Tracepoint.INJECT_ENTER,
          Tracepoint.INJECT_LOCKED,
          Tracepoint.INJECT_DEREFERENCED,
          Tracepoint.INJECT_LOWERED);

  private final int workers;

  SignalRaceTest(int workers) {
    this.workers = workers;
  }

  @Test
  void writesWhileAnInjectionIsQueuedAreMergedWithIt() {
    ManualExecutor injections = new ManualExecutor();
    try (RaceRig rig = RaceRig.injectingBy(injections)) {
      Pair pair = rig.boundPair(5);

      PendingSignal first = rig.write(pair.eventfd());
      PendingSignal second = rig.write(pair.eventfd());
      PendingSignal third = rig.write(pair.eventfd());
      assertThat(first.outcome()).isNull();
      assertThat(pair.irqfd().info().inFlight()).isEqualTo(1);
      injections.runAll();

      assertThat(first.outcome()).isEqualTo(Outcome.INJECTED);
      assertThat(second.outcome()).isEqualTo(Outcome.COALESCED_PENDING);
      assertThat(third.outcome()).isEqualTo(Outcome.COALESCED_PENDING);
      assertThat(pair.irqfd().info().callbacks()).isEqualTo(3);
      assertThat(pair.irqfd().info().injected()).isEqualTo(1);
    }
  }

  @Test
  void signalThatComesWhileTheInjectionRunsLeadsToAnother() {
    for (Tracepoint stage : STAGES) {
      try (RaceRig rig = new RaceRig(workers)) {
        Pair pair = rig.boundPair(5);
        Held<PendingSignal> reader = rig.heldReader(pair, stage);

        PendingSignal second = rig.write(pair.eventfd());
        PendingSignal third = rig.write(pair.eventfd());
        rig.release(reader);
        rig.settle();

        assertThat(reader.call().outcome()).as("%s", stage).isEqualTo(Outcome.INJECTED);
        assertThat(second.outcome()).as("%s", stage).isEqualTo(Outcome.INJECTED);
        assertThat(third.outcome()).as("%s", stage).isEqualTo(Outcome.COALESCED_PENDING);
        assertThat(pair.irqfd().info().injected()).isEqualTo(2);
      }
    }
  }

  @Test
  void injectionsOfOneIrqfdNeverRunAtOnce() {
    try (RaceRig rig = new RaceRig(workers)) {
      VmFile vm = rig.vm();
      Pair pair = rig.boundPair(vm, 5);
      Pair other = rig.boundPair(vm, 6);
      Held<PendingSignal> reader = rig.heldReader(pair, Tracepoint.INJECT_DEREFERENCED);

      PendingSignal _ = rig.write(pair.eventfd());
      // Its worker is free for others, so the second injection could run if it were let.
      PendingSignal _ = rig.write(other.eventfd());
      long _ =
          rig.host()
              .waits()
              .counted("line", () -> rig.host().chips().line(vm.id(), 6).raises(), 1, 1, LONG);
      assertThat(rig.seen().count(Tracepoint.INJECT_ENTER, pair.irqfd().irqfdId())).isEqualTo(1);

      rig.release(reader);
      rig.settle();
      assertThat(pair.irqfd().info().injected()).isEqualTo(2);
    }
  }

  @Test
  void pairsOfOneLineNeverInterleave() {
    try (RaceRig rig = new RaceRig(4)) {
      VmFile vm = rig.vm();
      Pair one = rig.boundPair(vm, 5);
      Pair two = rig.boundPair(vm, 5);
      Irqfd first = one.irqfd();
      Irqfd second = two.irqfd();
      AtomicReference<Long> insideMeanwhile = new AtomicReference<>();
      rig.on(
          Tracepoint.INJECT_RAISED,
          subject -> {
            if (subject != first) {
              return;
            }
            // The line is up: now the other one comes, as far as it gets.
            Thread _ = Thread.ofVirtual().start(() -> rig.write(two.eventfd()));
            RaceRig.await(
                () -> rig.seen().count(Tracepoint.INJECT_DEREFERENCED, second.irqfdId()) > 0);
            RaceRig.awaitAsleepOr(
                rig.seen().last(Tracepoint.INJECT_DEREFERENCED).thread(),
                () -> second.info().inFlight() == 0);
            insideMeanwhile.set(rig.seen().count(Tracepoint.INJECT_MUTEX, second.irqfdId()));
          });

      PendingSignal _ = rig.write(one.eventfd());
      rig.settle();

      assertThat(insideMeanwhile.get()).isZero();
      assertThat(rig.host().chips().line(vm.id(), 5).raises()).isEqualTo(2);
    }
  }

  @Test
  void writeReturnsAfterItsWakeUpHasRun() {
    ManualExecutor injections = new ManualExecutor();
    try (RaceRig rig = RaceRig.injectingBy(injections)) {
      Pair pair = rig.boundPair(5);

      PendingSignal signal = rig.write(pair.eventfd());

      assertThat(rig.seen().at(Tracepoint.WAKEUP_POLLIN))
          .extracting(Hit::thread)
          .containsExactly(Thread.currentThread());
      assertThat(pair.irqfd().info().queued()).isEqualTo(1);
      assertThat(injections.size()).isEqualTo(1);
      injections.runAll();
      assertThat(signal.outcome()).isEqualTo(Outcome.INJECTED);
    }
  }

  @Test
  void valueWrittenBeforeAssignIsInjectedOnce() {
    try (RaceRig rig = new RaceRig(workers)) {
      EventfdName eventfd = rig.eventfd();
      PendingSignal before = rig.host().eventfds().write(eventfd, 3);
      assertThat(before.outcome()).isEqualTo(Outcome.NOT_BOUND);

      Irqfd irqfd = rig.assign(rig.vm(), eventfd, 5);
      rig.settle();

      assertThat(irqfd.info().injected()).isEqualTo(1);
      assertThat(irqfd.info().callbacks()).isEqualTo(1);
    }
  }

  @Test
  void writeWhileAssignIsNotDoneIsInjectedOnce() throws InterruptedException {
    for (Tracepoint stage : List.of(Tracepoint.ASSIGN_LISTED, Tracepoint.ASSIGN_BEFORE_FPUT)) {
      try (RaceRig rig = new RaceRig(workers)) {
        VmFile vm = rig.vm();
        EventfdName eventfd = rig.eventfd();
        Held<Thread> assigning = rig.heldAssign(vm, eventfd, 5, stage);

        PendingSignal signal = rig.write(eventfd);
        rig.settle();

        assertThat(signal.outcome()).as("%s", stage).isEqualTo(Outcome.INJECTED);
        assertThat(rig.host().chips().line(vm.id(), 5).raises()).isEqualTo(1);
        rig.release(assigning);
        assigning.call().join();
      }
    }
  }

  @Test
  void lineGoesDownWhenTheInjectionFailsBetweenItsEdges() {
    try (RaceRig rig = new RaceRig(workers)) {
      Pair pair = rig.boundPair(5);
      AtomicReference<RuntimeException> next =
          new AtomicReference<>(new IllegalStateException("between the edges"));
      rig.on(
          Tracepoint.INJECT_RAISED,
          subject -> {
            RuntimeException failure = next.getAndSet(null);
            if (failure != null) {
              throw failure;
            }
          });
      rig.expectBugs(1);

      PendingSignal failing = rig.write(pair.eventfd());
      rig.settle();
      assertThat(failing.outcome()).isEqualTo(Outcome.FAILED);
      assertThat(rig.host().chips().line(pair.vm().id(), 5).level()).isFalse();

      // Nothing is left behind: no lock, no read section, no worker's place.
      PendingSignal following = rig.write(pair.eventfd());
      rig.settle();
      assertThat(following.outcome()).isEqualTo(Outcome.INJECTED);
      rig.over(rig.closeVm(pair.vm()));
      assertThat(pair.irqfd().info().state()).isEqualTo(IrqfdState.FREED);
    }
  }

  @Test
  void writeUnderWayKeepsTheEventfdItWritesTo() {
    try (RaceRig rig = new RaceRig(workers)) {
      Pair pair = rig.boundPair(5);
      AtomicReference<PendingClose> close = new AtomicReference<>();
      rig.on(Tracepoint.EVENTFD_SIGNALLED, subject -> close.set(rig.closeEventfd(pair.eventfd())));

      PendingSignal signal = rig.write(pair.eventfd());
      rig.over(close.get());

      assertThat(signal.outcome()).isEqualTo(Outcome.INJECTED);
      assertThat(rig.seen().of(pair.irqfd().irqfdId()))
          .containsSubsequence(
              Tracepoint.WAKEUP_POLLIN, Tracepoint.WAKEUP_POLLHUP, Tracepoint.FREE_IRQFD);
    }
  }

  @Test
  void writeAfterCloseIsRefusedAndChangesNothing() {
    try (RaceRig rig = new RaceRig(workers)) {
      Pair pair = rig.boundPair(5);
      Held<PendingClose> close =
          rig.heldAt(Tracepoint.HUP_UNHOOKED, () -> rig.closeEventfd(pair.eventfd()));

      assertThatThrownBy(() -> rig.write(pair.eventfd()))
          .isInstanceOfSatisfying(
              ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));

      assertThat(pair.irqfd().eventfd().counters().written()).isZero();
      rig.release(close);
      rig.over(close.call());
    }
  }

  @Test
  void writeAfterTheSwapIsAcceptedAndFindsTheVmGone() {
    try (RaceRig rig = new RaceRig(workers)) {
      Pair pair = rig.boundPair(5);
      Held<PendingClose> close =
          rig.heldAt(Tracepoint.DISCONNECT_SWAPPED, () -> rig.closeVm(pair.vm()));

      PendingSignal signal = rig.write(pair.eventfd());
      RaceRig.await(() -> signal.outcome() != null);

      assertThat(signal.outcome()).isEqualTo(Outcome.DROPPED_VM_GONE);
      assertThat(rig.seen().count(Tracepoint.INJECT_MUTEX)).isZero();
      rig.release(close);
      rig.over(close.call());
      assertThat(pair.irqfd().info().severed()).isEqualTo(1);
    }
  }

  @Test
  void eventfdOutlivesTheVmAndJustCounts() {
    try (RaceRig rig = new RaceRig(workers)) {
      Pair pair = rig.boundPair(5);
      rig.over(rig.closeVm(pair.vm()));

      PendingSignal signal = rig.host().eventfds().write(pair.eventfd(), 7);

      assertThat(signal.outcome()).isEqualTo(Outcome.NOT_BOUND);
      assertThat(rig.host().eventfds().read(pair.eventfd(), 0)).isEqualTo(7);
    }
  }

  @Test
  void writesOfManyThreadsAreEachAnsweredByALaterInjection() throws InterruptedException {
    try (RaceRig rig = new RaceRig(workers)) {
      Pair pair = rig.boundPair(5);
      CountDownLatch start = new CountDownLatch(1);
      List<Thread> writers =
          IntStream.range(0, 4)
              .mapToObj(i ->
                  Thread.ofVirtual()
                      .start(() -> {
                        awaitUninterruptibly(start);
                        for (int n = 0; n < 100; n++) {
                          PendingSignal _ = rig.write(pair.eventfd());
                        }
                      }))
              .toList();
      start.countDown();
      for (Thread writer : writers) {
        writer.join();
      }
      rig.settle();

      // The law "no lost signal" and the books are checked when the rig closes.
      assertThat(pair.irqfd().info().callbacks()).isEqualTo(400);
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The law holds at any moment, not only at rest. */
  @Test
  void countersAreReadAtOneMoment() {
    try (RaceRig rig = RaceRig.unrecorded(workers)) {
      Pair pair = rig.boundPair(5);
      Thread writer =
          Thread.ofPlatform()
              .start(() -> IntStream.range(0, 20_000).forEach(i -> rig.write(pair.eventfd())));

      while (writer.isAlive()) {
        IrqfdInfo info = pair.irqfd().info();
        assertThat(info.callbacks()).isEqualTo(info.queued() + info.coalesced());
        assertThat(info.inFlight()).isBetween(0L, 2L);
      }
    }
  }
}
