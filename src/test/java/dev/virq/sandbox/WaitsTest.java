package dev.virq.sandbox;

import static dev.virq.testing.Errnos.assertErrno;
import static dev.virq.testing.Systems.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.eventfd.Outcome;
import dev.virq.testing.Call;
import dev.virq.testing.Systems;
import dev.virq.trace.Breakpoint;
import dev.virq.trace.Probe;
import dev.virq.trace.Tracepoint;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WaitsTest {
  private final Kernel kernel = Systems.boot(2);
  private final Waits waits = kernel.waits();
  private final VmEntry vm = Systems.vm(kernel);
  private final EventfdRef eventfd = Systems.eventfd(kernel);

  @Test
  void signalThatNoWorkerHasTakenIsPendingAndNotHeld() {
    Queue<Runnable> workers = new ArrayDeque<>();
    Kernel manual = Systems.boot(1, Probe.NONE, name -> workers::add, Limits.defaults());
    EventfdRef trigger = Systems.eventfd(manual);
    manual.irqfds().assign(Systems.vm(manual).id(), trigger, 5, null);
    SignalRecord signal = manual.eventfds().write(trigger, 1);

    assertThatThrownBy(() -> manual.waits().settled(0))
        .isInstanceOfSatisfying(
            ErrnoException.class,
            e -> {
              assertThat(e.errno()).isEqualTo(Errno.ETIMEDOUT);
              assertThat(e.facts().get("pending"))
                  .isEqualTo(List.of(new InFlight.Pending("signal", "sig-1", 0, "QUEUED")));
              assertThat(e.facts().get("heldBy")).isEqualTo(List.of());
            });
    assertThat(manual.waits().over(signal, 0)).isEqualTo(Waits.Progress.PENDING);

    workers.remove().run();

    manual.waits().settled(0);
    assertThat(manual.waits().over(signal, 0)).isEqualTo(Waits.Progress.SETTLED);
  }

  @Test
  void waitForWhatIsHeldIsInVainAndNamesTheHolder() {
    kernel.irqfds().assign(vm.id(), eventfd, 5, null);
    Breakpoint hold = kernel.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_DEREFERENCED));
    SignalRecord signal = kernel.eventfds().write(eventfd, 1);
    waits.parked(hold.id(), 1, LONG);

    assertThatThrownBy(() -> waits.settled(LONG))
        .hasMessageContaining("bp-" + hold.id())
        .isInstanceOfSatisfying(
            ErrnoException.class,
            e -> {
              assertThat(e.errno()).isEqualTo(Errno.EDEADLK);
              assertThat(e.facts().get("heldBy")).isEqualTo(waits.holders());
            });
    assertThat(waits.over(signal, LONG)).isEqualTo(Waits.Progress.HELD);
    assertThat(waits.holders())
        .extracting(Breakpoint.Parked::breakpoint)
        .containsExactly(hold.id());

    kernel.breakpoints().release(hold.id(), 1);
    waits.settled(LONG);
    assertThat(waits.holders()).isEmpty();
  }

  @Test
  void whatWasAcceptedBeforeTheHeldSignalIsSettled() {
    kernel.irqfds().assign(vm.id(), eventfd, 5, null);
    SignalRecord before = kernel.eventfds().write(eventfd, 1);
    waits.settled(LONG);
    long upTo = kernel.seq();
    Breakpoint hold = kernel.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER));
    SignalRecord held = kernel.eventfds().write(eventfd, 1);
    waits.parked(hold.id(), 1, LONG);

    waits.settled(upTo, 0);

    assertThat(before.outcome()).isEqualTo(Outcome.INJECTED);
    assertThat(held.acceptedSeq()).isGreaterThan(upTo);
    assertErrno(Errno.EDEADLK, () -> waits.settled(held.acceptedSeq(), LONG));
    kernel.breakpoints().release(hold.id(), 1);
    waits.settled(LONG);
  }

  @Test
  void waitThatIsUnderWayLearnsOfTheHold() {
    Queue<Runnable> workers = new ArrayDeque<>();
    Kernel manual = Systems.boot(1, Probe.NONE, name -> workers::add, Limits.defaults());
    EventfdRef trigger = Systems.eventfd(manual);
    manual.irqfds().assign(Systems.vm(manual).id(), trigger, 5, null);
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
  void delayedThreadIsWaitedFor() {
    kernel.irqfds().assign(vm.id(), eventfd, 5, null);
    kernel.setBreakpoint(
        new Breakpoint.Spec(
            Tracepoint.INJECT_ENTER,
            Breakpoint.Match.ANY,
            Breakpoint.Action.DELAY,
            1_000_000,
            0,
            1,
            LONG));

    SignalRecord signal = kernel.eventfds().write(eventfd, 1);
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
    Breakpoint hold = kernel.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER));
    assertErrno(Errno.ETIMEDOUT, () -> waits.parked(hold.id(), 1, 0));

    waits.parked(hold.id(), 0, 0);

    kernel.breakpoints().remove(hold.id());
    assertErrno(Errno.ENOENT, () -> waits.parked(hold.id(), 1, LONG));
  }

  @Test
  void counterPastTheMostIsAStorm() {
    AtomicLong counter = new AtomicLong(3);

    assertThat(waits.counted(counter::get, 3, 3, 0)).isEqualTo(3);
    assertErrno(Errno.ETIMEDOUT, () -> waits.counted(counter::get, 4, 9, 0));
    assertErrno(Errno.ERANGE, () -> waits.counted(counter::get, 1, 2, LONG));
  }

  @Test
  void counterOfALineIsWaitedForOverTwoSignals() {
    kernel.irqfds().assign(vm.id(), eventfd, 5, null);
    kernel.eventfds().write(eventfd, 1);
    waits.settled(LONG);
    Call<Long> waiter =
        Call.asleep(
            () -> waits.counted(() -> kernel.vms().lineCounters(1, 5).injected(), 2, 2, LONG));

    kernel.eventfds().write(eventfd, 1);

    assertThat(waiter.get()).isEqualTo(2);
  }

  @Test
  void objectThatIsOnItsWayOutIsWaitedForAndOneThatIsNotTimesOut() {
    assertErrno(Errno.ETIMEDOUT, () -> gone(0));

    kernel.irqfds().assign(vm.id(), eventfd, 5, null);
    Breakpoint hold = kernel.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.PUT_VM));
    kernel.vms().close(vm.id());
    waits.parked(hold.id(), 1, LONG);
    assertErrno(Errno.EDEADLK, () -> gone(LONG));

    kernel.breakpoints().release(hold.id(), 1);
    gone(LONG);
    assertThat(vm.state()).isEqualTo(VmEntry.State.RELEASED);
  }

  private void gone(long timeoutNanos) {
    waits.gone(
        () -> vm.state() == VmEntry.State.RELEASED,
        () -> vm.state() != VmEntry.State.OPEN,
        "vm-1",
        timeoutNanos);
  }
}
