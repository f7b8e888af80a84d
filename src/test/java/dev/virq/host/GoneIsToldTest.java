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
import dev.virq.testing.TestHosts;
import dev.virq.trace.Tracepoint;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Who waits for an object is woken when it is gone, and by nothing else that happens then. */
class GoneIsToldTest {
  /** Who is not woken looks again by itself then. */
  private static final long BOUND = Duration.ofSeconds(5).toNanos();

  private final CountDownLatch free = new CountDownLatch(1);

  /** The second irqfd is not freed before a latch. */
  private final Host host =
      TestHosts.boot(
          2,
          (point, subject, value, detail) -> {
            if (point == Tracepoint.FREE_IRQFD && subject.irqfdId() == 2) {
              waitFor(free);
            }
          });

  @Test
  void irqfdIsGoneWhileItsVmStillCloses() {
    VmFile vm = TestHosts.vm(host);
    EventfdName held = TestHosts.eventfd(host);
    var _ = host.irqfds().assign(vm.id(), held, 5, null);
    Irqfd second = host.irqfds().assign(vm.id(), TestHosts.eventfd(host), 6, null);
    Breakpoint hold = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_DEREFERENCED));
    var _ = host.eventfds().write(held, 1);
    host.waits().parked(hold.id(), 1, LONG);
    PendingClose close = host.vms().close(vm.id());
    // From here on nothing happens by itself.
    assertThat(host.waits().over(close, LONG)).isEqualTo(ExactWait.Progress.HELD);
    long end = System.nanoTime() + BOUND;
    Call<Void> sleeps =
        Call.asleep(() -> {
          host.waits()
              .gone(
                  // What it sees by itself, when its time is up, does not count.
                  () -> second.info().state() == IrqfdState.FREED && System.nanoTime() < end,
                  () -> false,
                  second.toString(),
                  BOUND);
          return null;
        });

    free.countDown();

    sleeps.get();
    assertThat(host.waits().over(close, LONG)).isEqualTo(ExactWait.Progress.HELD);
    var _ = host.breakpoints().release(hold.id(), 1);
    assertThat(host.waits().over(close, LONG)).isEqualTo(ExactWait.Progress.SETTLED);
    assertThat(host.bugs()).isZero();
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
