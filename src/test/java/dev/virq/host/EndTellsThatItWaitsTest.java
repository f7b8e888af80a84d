package dev.virq.host;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.EventfdName;
import dev.virq.inflight.ExactWait;
import dev.virq.inflight.PendingClose;
import dev.virq.irqfd.Irqfd;
import dev.virq.irqfd.IrqfdState;
import dev.virq.testing.Call;
import dev.virq.testing.ManualExecutor;
import dev.virq.testing.TestHosts;
import dev.virq.testing.TestLimits;
import dev.virq.trace.Probe;
import dev.virq.trace.Tracepoint;
import dev.virq.workqueue.Workers;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Who sleeps until a close is over, or in vain, is woken when the close begins to wait for a held
 * thread, and who waits for an object when it is gone. Clean-up runs when the test says so, so that
 * the waiting thread sleeps by then.
 */
class EndTellsThatItWaitsTest {
  /** Who is not woken finds out by itself then; all others long before. */
  private static final long BOUND = Duration.ofSeconds(5).toNanos();

  private final ManualExecutor cleanup = new ManualExecutor();
  private final Workers threads =
      (queue, worker) -> queue.endsWith("/cleanup") ? cleanup : Workers.virtual(worker);
  private final Host host = TestHosts.boot(1, Probe.NONE, threads, TestLimits.defaults());

  /** Where clean-up runs by itself. */
  private final Host other = TestHosts.boot(1);

  private final VmFile vm = TestHosts.vm(host);
  private final EventfdName eventfd = TestHosts.eventfd(host);

  @AfterEach
  void nothingWentWrong() {
    assertThat(host.bugs() + other.bugs()).isZero();
  }

  /** A signal whose injection is held. */
  private Breakpoint heldAt(Tracepoint point) {
    var _ = host.irqfds().assign(vm.id(), eventfd, 5, null);
    Breakpoint hold = host.setBreakpoint(Breakpoint.Spec.hold(point));
    var _ = host.eventfds().write(eventfd, 1);
    host.waits().parked(hold.id(), 1, LONG);
    return hold;
  }

  private Call<ExactWait.Progress> sleepsUntilOver(PendingClose close) {
    return Call.asleep(() -> host.waits().over(close, BOUND));
  }

  private void letGo(Breakpoint hold, PendingClose close) {
    var _ = host.breakpoints().release(hold.id(), 1);
    assertThat(host.waits().over(close, LONG)).isEqualTo(ExactWait.Progress.SETTLED);
  }

  @Test
  void closeOfAVmThatBeginsToWaitForAReader() {
    Breakpoint hold = heldAt(Tracepoint.INJECT_DEREFERENCED);
    PendingClose close = host.vms().close(vm.id());
    Call<ExactWait.Progress> sleeps = sleepsUntilOver(close);

    Call<Void> ends = Call.run(cleanup::runAll);

    assertThat(sleeps.get()).isEqualTo(ExactWait.Progress.HELD);
    letGo(hold, close);
    ends.get();
  }

  @Test
  void deassignThatBeginsToWaitForAnInjection() {
    Breakpoint hold = heldAt(Tracepoint.INJECT_ENTER);
    PendingClose close = host.irqfds().deassign(vm.id(), eventfd, 5);
    Call<ExactWait.Progress> sleeps = sleepsUntilOver(close);

    Call<Void> ends = Call.run(cleanup::runAll);

    assertThat(sleeps.get()).isEqualTo(ExactWait.Progress.HELD);
    letGo(hold, close);
    ends.get();
  }

  @Test
  void irqfdIsGoneWhileItsVmStillCloses() {
    VmFile closing = TestHosts.vm(other);
    EventfdName held = TestHosts.eventfd(other);
    var _ = other.irqfds().assign(closing.id(), held, 5, null);
    Irqfd free = other.irqfds().assign(closing.id(), TestHosts.eventfd(other), 6, null);
    Breakpoint hold = other.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_DEREFERENCED));
    var _ = other.eventfds().write(held, 1);
    other.waits().parked(hold.id(), 1, LONG);
    Call<Void> sleeps =
        Call.asleep(() -> {
          other
              .waits()
              .gone(
                  () -> free.info().state() == IrqfdState.FREED,
                  () -> false,
                  free.toString(),
                  BOUND);
          return null;
        });

    PendingClose close = other.vms().close(closing.id());

    sleeps.get();
    assertThat(other.waits().over(close, 0)).isNotEqualTo(ExactWait.Progress.SETTLED);
    var _ = other.breakpoints().release(hold.id(), 1);
    assertThat(other.waits().over(close, LONG)).isEqualTo(ExactWait.Progress.SETTLED);
  }
}
