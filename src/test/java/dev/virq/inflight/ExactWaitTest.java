package dev.virq.inflight;

import static dev.virq.testing.Errnos.assertErrno;
import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.host.VmFile;
import dev.virq.testing.Call;
import dev.virq.testing.TestHosts;
import dev.virq.testing.TestLimits;
import dev.virq.trace.Outcome;
import dev.virq.trace.Probe;
import dev.virq.trace.Tracepoint;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ObjLongConsumer;
import org.junit.jupiter.api.Test;

class ExactWaitTest {
  private final Host host = TestHosts.boot(2);
  private final ExactWait waits = host.waits();
  private final VmFile vm = TestHosts.vm(host);
  private final EventfdName eventfd = TestHosts.eventfd(host);

  @Test
  void signalThatNoWorkerHasTakenIsPendingAndNotHeld() {
    Queue<Runnable> workers = new ArrayDeque<>();
    Host manual =
        TestHosts.boot(1, Probe.NONE, (queue, worker) -> workers::add, TestLimits.defaults());
    EventfdName trigger = TestHosts.eventfd(manual);
    manual.irqfds().assign(TestHosts.vm(manual).id(), trigger, 5, null);
    PendingSignal signal = manual.eventfds().write(trigger, 1);

    assertThatThrownBy(() -> manual.waits().settled(0))
        .isInstanceOfSatisfying(
            ErrnoException.class,
            e -> {
              assertThat(e.errno()).isEqualTo(Errno.ETIMEDOUT);
              assertThat(e.facts().get("pending"))
                  .isEqualTo(List.of(new InFlight.Pending("signal", "sig-1", 0, Stage.QUEUED)));
              assertThat(e.facts().get("heldBy")).isEqualTo(List.of());
            });
    assertThat(manual.waits().over(signal, 0)).isEqualTo(ExactWait.Progress.PENDING);

    workers.remove().run();

    manual.waits().settled(0);
    assertThat(manual.waits().over(signal, 0)).isEqualTo(ExactWait.Progress.SETTLED);
  }

  @Test
  void waitForWhatIsHeldIsInVainAndNamesTheHolder() {
    host.irqfds().assign(vm.id(), eventfd, 5, null);
    Breakpoint hold = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_DEREFERENCED));
    PendingSignal signal = host.eventfds().write(eventfd, 1);
    waits.parked(hold.id(), 1, LONG);

    assertThatThrownBy(() -> waits.settled(LONG))
        .hasMessageStartingWith("waiting for everything up to seq ")
        .hasMessageEndingWith(
            "would never end: held by [bp-" + hold.id() + " at inject.dereferenced]")
        .isInstanceOfSatisfying(
            ErrnoException.class,
            e -> {
              assertThat(e.errno()).isEqualTo(Errno.EDEADLK);
              assertThat(e.facts().get("heldBy")).isEqualTo(waits.holders());
            });
    assertThat(waits.over(signal, LONG)).isEqualTo(ExactWait.Progress.HELD);
    assertThat(waits.holders())
        .extracting(Breakpoint.Parked::breakpoint)
        .containsExactly(hold.id());

    host.breakpoints().release(hold.id(), 1);
    waits.settled(LONG);
    assertThat(waits.holders()).isEmpty();
  }

  @Test
  void waitThatTimesOutSaysWhatItSaw() {
    host.irqfds().assign(vm.id(), eventfd, 5, null);
    Breakpoint never = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.SYNC_BEGIN));

    assertThatThrownBy(() -> waits.parked(never.id(), 1, 0))
        .hasMessage(
            "timed out waiting for bp-1 at sync.begin: it holds 0 of 1, and 0 have arrived; nothing"
                + " is in flight");

    Breakpoint hold = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_DEREFERENCED));
    PendingSignal _ = host.eventfds().write(eventfd, 1);
    waits.parked(hold.id(), 1, LONG);
    String seen = "; in flight: sig-1 (INJECTING); held by [bp-2 at inject.dereferenced]";

    assertThatThrownBy(() -> waits.counted("irqfd-1 of vm-1, line 5", () -> 0, 1, 9, 0))
        .hasMessage("timed out waiting for irqfd-1 of vm-1, line 5: 0 injected of 1" + seen);
    assertThatThrownBy(() -> waits.gone(() -> false, () -> false, "vm-1", 0))
        .hasMessage(
            "timed out waiting for vm-1 to be released: nothing has begun to end it" + seen);
    host.breakpoints().release(hold.id(), 1);
    waits.settled(LONG);

    assertThatThrownBy(() -> waits.parked(hold.id(), 1, 0))
        .hasMessageContaining(": it holds 0 of 1, and 1 have arrived; nothing is in flight");
    assertThatThrownBy(() -> waits.gone(() -> false, () -> true, "vm-1", 0))
        .hasMessage("timed out waiting for vm-1 to be released; nothing is in flight");
  }

  @Test
  void whatWasAcceptedBeforeTheHeldSignalIsSettled() {
    host.irqfds().assign(vm.id(), eventfd, 5, null);
    PendingSignal before = host.eventfds().write(eventfd, 1);
    waits.settled(LONG);
    long upTo = host.seq();
    Breakpoint hold = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER));
    PendingSignal held = host.eventfds().write(eventfd, 1);
    waits.parked(hold.id(), 1, LONG);

    waits.settled(upTo, 0);

    assertThat(before.outcome()).isEqualTo(Outcome.INJECTED);
    assertThat(held.acceptedSeq()).isGreaterThan(upTo);
    assertErrno(Errno.EDEADLK, () -> waits.settled(held.acceptedSeq(), LONG));
    host.breakpoints().release(hold.id(), 1);
    waits.settled(LONG);
  }

  @Test
  void waitThatIsUnderWayLearnsOfTheHold() {
    Queue<Runnable> workers = new ArrayDeque<>();
    Host manual =
        TestHosts.boot(1, Probe.NONE, (queue, worker) -> workers::add, TestLimits.defaults());
    EventfdName trigger = TestHosts.eventfd(manual);
    manual.irqfds().assign(TestHosts.vm(manual).id(), trigger, 5, null);
    Breakpoint hold = manual.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER));
    manual.eventfds().write(trigger, 1);
    Call<Object> waiter =
        Call.asleep(() -> {
          manual.waits().settled(LONG);
          return "settled";
        });

    Call<Object> worker =
        Call.start(() -> {
          workers.remove().run();
          return "ran";
        });

    assertErrno(Errno.EDEADLK, waiter::get);
    manual.breakpoints().release(hold.id(), 1);
    worker.get();
    manual.waits().settled(LONG);
  }

  @Test
  void closeThatHasNotLostTheSwapYetMakesProgress() {
    assertLoserIsHeldOnceItWaits(
        Tracepoint.SYNC_BEGIN,
        (manual, of) -> manual.vms().close(of),
        (manual, of) -> manual.eventfds().close(EventfdName.id(of)));
    assertLoserIsHeldOnceItWaits(
        Tracepoint.DISCONNECT_SWAPPED,
        (manual, of) -> manual.eventfds().close(EventfdName.id(of)),
        (manual, of) -> manual.vms().close(of));
  }

  private static void assertLoserIsHeldOnceItWaits(
      Tracepoint stop, ObjLongConsumer<Host> winner, ObjLongConsumer<Host> loser) {
    Queue<Runnable> workers = new ConcurrentLinkedQueue<>();
    Host manual =
        TestHosts.boot(2, Probe.NONE, (queue, worker) -> workers::add, TestLimits.defaults());
    manual.irqfds().assign(TestHosts.vm(manual).id(), TestHosts.eventfd(manual), 5, null);
    Breakpoint hold = manual.setBreakpoint(Breakpoint.Spec.hold(stop));
    winner.accept(manual, 1);
    Call<Void> first = Call.run(workers.remove());
    manual.waits().parked(hold.id(), 1, LONG);
    loser.accept(manual, 1);

    assertErrno(Errno.ETIMEDOUT, () -> manual.waits().settled(0));
    Call<Void> second = Call.run(workers.remove());
    assertErrno(Errno.EDEADLK, () -> manual.waits().settled(LONG));

    manual.breakpoints().release(hold.id(), 1);
    manual.waits().settled(LONG);
    first.get();
    second.get();
  }

  @Test
  void delayedThreadIsWaitedFor() {
    host.irqfds().assign(vm.id(), eventfd, 5, null);
    host.setBreakpoint(
        new Breakpoint.Spec(
            Tracepoint.INJECT_ENTER,
            Breakpoint.Match.ANY,
            Breakpoint.Action.DELAY,
            1_000_000,
            0,
            1,
            LONG));

    PendingSignal signal = host.eventfds().write(eventfd, 1);
    waits.settled(LONG);

    assertThat(signal.outcome()).isEqualTo(Outcome.INJECTED);
  }

  @Test
  void parkedIsMetWhenNothingIsInFlight() {
    waits.parked(0);
    assertThat(waits.pending()).isEmpty();
  }

  @Test
  void waitForAnUnknownBreakpointIsRefusedAlsoWhenItGoesAwayMeanwhile() {
    assertErrno(Errno.ENOENT, () -> waits.parked(99, 1, LONG));
    Breakpoint hold = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER));
    assertErrno(Errno.ETIMEDOUT, () -> waits.parked(hold.id(), 1, 0));

    waits.parked(hold.id(), 0, 0);

    host.breakpoints().remove(hold.id());
    assertErrno(Errno.ENOENT, () -> waits.parked(hold.id(), 1, LONG));
  }

  @Test
  void counterPastTheMostIsAStorm() {
    AtomicLong counter = new AtomicLong(3);

    assertThat(waits.counted("line 5", counter::get, 3, 3, 0)).isEqualTo(3);
    assertErrno(Errno.ETIMEDOUT, () -> waits.counted("line 5", counter::get, 4, 9, 0));
    assertErrno(Errno.ERANGE, () -> waits.counted("line 5", counter::get, 1, 2, LONG));
    assertThatThrownBy(() -> waits.counted("line 5", counter::get, 1, 2, LONG))
        .hasMessage("line 5: 3 injected, more than atMost 2");
  }

  @Test
  void counterOfALineIsWaitedForOverTwoSignals() {
    host.irqfds().assign(vm.id(), eventfd, 5, null);
    host.eventfds().write(eventfd, 1);
    waits.settled(LONG);
    Call<Long> waiter =
        Call.asleep(() ->
            waits.counted("line", () -> host.chips().lineCounters(1, 5).injected(), 2, 2, LONG));

    host.eventfds().write(eventfd, 1);

    assertThat(waiter.get()).isEqualTo(2);
  }

  @Test
  void objectThatIsOnItsWayOutIsWaitedForAndOneThatIsNotTimesOut() {
    assertErrno(Errno.ETIMEDOUT, () -> gone(0));

    host.irqfds().assign(vm.id(), eventfd, 5, null);
    Breakpoint hold = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.PUT_VM));
    host.vms().close(vm.id());
    waits.parked(hold.id(), 1, LONG);
    assertErrno(Errno.EDEADLK, () -> gone(LONG));

    host.breakpoints().release(hold.id(), 1);
    gone(LONG);
    assertThat(vm.state()).isEqualTo(VmFile.State.RELEASED);
  }

  private void gone(long timeoutNanos) {
    waits.gone(
        () -> vm.state() == VmFile.State.RELEASED,
        () -> vm.state() != VmFile.State.OPEN,
        "vm-1",
        timeoutNanos);
  }
}
