package dev.virq.host;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.EventfdName;
import dev.virq.inflight.ExactWait;
import dev.virq.inflight.InFlight;
import dev.virq.inflight.PendingClose;
import dev.virq.inflight.PendingSignal;
import dev.virq.inflight.Stage;
import dev.virq.irqfd.Irqfd;
import dev.virq.testing.Call;
import dev.virq.testing.TestHosts;
import dev.virq.testing.TestLimits;
import dev.virq.trace.EndCause;
import dev.virq.trace.Outcome;
import dev.virq.trace.Probe;
import dev.virq.trace.Tracepoint;
import dev.virq.workqueue.Workers;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** De-assigns that could begin at once: the caller makes them, unless somebody looks. */
class CallerDeassignsTest {
  private final List<Thread> ending = new CopyOnWriteArrayList<>();

  /** What the first thread at a point does there. */
  private final Map<Tracepoint, Runnable> first = new ConcurrentHashMap<>();

  private final Probe probe =
      (point, subject, value, detail) -> {
        if (point == Tracepoint.FREE_IRQFD) {
          ending.add(Thread.currentThread());
        }
        Runnable then = first.remove(point);
        if (then != null) {
          then.run();
        }
      };

  private final HostOptions options =
      HostOptions.alone("test", 1, Workers.virtual(), TestLimits.defaults(), probe, () -> 0);
  private final Host host = new Host(options);
  private final VmFile vm = TestHosts.vm(host);
  private final EventfdName eventfd = TestHosts.eventfd(host);

  private Irqfd bind(EventfdName to) {
    return host.irqfds().assign(vm.id(), to, 5, null);
  }

  private PendingClose deassign(EventfdName from) {
    return host.irqfds().deassign(vm.id(), from, 5);
  }

  private ExactWait.Progress now(PendingClose close) {
    return host.waits().over(close, 0);
  }

  @Test
  void deassignIsOverWhenItsCallReturns() {
    Irqfd irqfd = bind(eventfd);
    PendingClose close = deassign(eventfd);

    assertThat(now(close)).isEqualTo(ExactWait.Progress.SETTLED);
    assertThat(ending).containsExactly(Thread.currentThread());
    assertThat(irqfd.cause()).isEqualTo(EndCause.DEASSIGN);
    assertThat(host.counts().irqfds()).isZero();
    bind(eventfd);
    host.irqfds().deassign(vm.id(), 2);
    assertThat(ending).hasSize(2).containsOnly(Thread.currentThread());
    assertThat(host.bugs()).isZero();
  }

  @Test
  void whileSomebodyLooksWorkersMakeIt() {
    bind(eventfd);
    options.log().watch();
    PendingClose close = deassign(eventfd);
    host.waits().over(close, LONG);
    options.log().unwatch();

    assertThat(ending).hasSize(1).doesNotContain(Thread.currentThread());
  }

  @Test
  void whileABreakpointIsSetTheCallReturnsAtOnce() {
    bind(eventfd);
    Breakpoint hold = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.HUP_UNHOOKED));
    PendingClose close = deassign(eventfd);
    host.waits().parked(hold.id(), 1, LONG);

    assertThat(now(close)).isEqualTo(ExactWait.Progress.HELD);
    var _ = host.breakpoints().remove(hold.id());
    assertThat(host.waits().over(close, LONG)).isEqualTo(ExactWait.Progress.SETTLED);
    assertThat(ending).hasSize(1).doesNotContain(Thread.currentThread());
  }

  @Test
  void whereAnInjectionIsUnderWayAWorkerMakesItAndTheCallReturnsAtOnce() {
    bind(eventfd);
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch inside = stopFirstAt(Tracepoint.INJECT_DEREFERENCED, go);
    Call<PendingSignal> write = Call.start(() -> host.eventfds().write(eventfd, 1));
    waitFor(inside);

    // On a thread of its own: one that waited would wait for this one.
    PendingClose close = Call.start(() -> deassign(eventfd)).get();

    assertThat(now(close)).isEqualTo(ExactWait.Progress.PENDING);
    go.countDown();
    assertThat(host.waits().over(close, LONG)).isEqualTo(ExactWait.Progress.SETTLED);
    assertThat(ending).hasSize(1).doesNotContain(Thread.currentThread());
    assertThat(write.get().outcome()).isEqualTo(Outcome.INJECTED);
    assertThat(host.bugs()).isZero();
  }

  @Test
  void whoLooksSeesWhereItStands() {
    bind(eventfd);
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch inside = stopFirstAt(Tracepoint.HUP_UNHOOKED, go);
    Call<PendingClose> deassign = Call.start(() -> deassign(eventfd));
    waitFor(inside);

    assertThat(host.waits().pending())
        .singleElement()
        .extracting(InFlight.Pending::stage)
        .isEqualTo(Stage.UNHOOKED);
    go.countDown();
    assertThat(now(deassign.get())).isEqualTo(ExactWait.Progress.SETTLED);
  }

  @Test
  void breakpointIsNotSetBeforeCallersThatDeassignAreDone() {
    bind(eventfd);
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch inside = stopFirstAt(Tracepoint.HUP_UNHOOKED, go);
    Call<PendingClose> deassign = Call.start(() -> deassign(eventfd));
    waitFor(inside);

    Call<Breakpoint> sets =
        Call.asleep(() -> host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.SYNC_BEGIN)));
    assertThat(host.breakpoints().list()).isEmpty();
    go.countDown();

    // Had it been set, the caller would have been stopped.
    assertThat(now(deassign.get())).isEqualTo(ExactWait.Progress.SETTLED);
    assertThat(sets.get().parked()).isEmpty();
  }

  @Test
  void vmThatIsClosedUnderTheCallerEndsWhenItIsDone() {
    bind(eventfd);
    PendingClose[] close = new PendingClose[1];
    first.put(
        Tracepoint.HUP_UNHOOKED,
        () -> {
          close[0] = host.vms().close(vm.id());
          assertThat(now(close[0])).isEqualTo(ExactWait.Progress.PENDING);
        });
    PendingClose deassign = deassign(eventfd);

    assertThat(now(deassign)).isEqualTo(ExactWait.Progress.SETTLED);
    assertThat(host.waits().over(close[0], LONG)).isEqualTo(ExactWait.Progress.SETTLED);
    assertThat(host.counts().vms()).isZero();
    assertThat(host.bugs()).isZero();
  }

  private CountDownLatch stopFirstAt(Tracepoint point, CountDownLatch go) {
    CountDownLatch inside = new CountDownLatch(1);
    first.put(
        point,
        () -> {
          inside.countDown();
          waitFor(go);
        });
    return inside;
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
