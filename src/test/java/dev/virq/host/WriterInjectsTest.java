package dev.virq.host;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.eventfd.EventFd;
import dev.virq.inflight.ExactWait;
import dev.virq.inflight.PendingClose;
import dev.virq.inflight.PendingSignal;
import dev.virq.testing.Call;
import dev.virq.testing.TestHosts;
import dev.virq.testing.TestLimits;
import dev.virq.trace.Outcome;
import dev.virq.trace.Probe;
import dev.virq.trace.Tracepoint;
import dev.virq.workqueue.Workers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Writes whose injection could begin at once: the writer makes it, unless somebody looks. */
class WriterInjectsTest {
  private final List<Thread> injecting = new CopyOnWriteArrayList<>();

  /** What the first injection does, once it is in its read section. */
  private volatile Runnable first = () -> {};

  private final Probe probe =
      (point, subject, value, detail) -> {
        if (point == Tracepoint.INJECT_LOCKED) {
          injecting.add(Thread.currentThread());
          Runnable then = first;
          first = () -> {};
          then.run();
        }
      };

  private final HostOptions options =
      HostOptions.alone(
          // Two: a worker gives its place up only after what it did is seen.
          "test", 2, Workers.virtual(), TestLimits.defaults(), probe, () -> 0);
  private final Host host = new Host(options);
  private final VmFile vm = TestHosts.vm(host);
  private final EventfdName eventfd = TestHosts.eventfd(host);

  private void bind() {
    var _ = host.irqfds().assign(vm.id(), eventfd, 5, null);
  }

  private void settled() {
    host.waits().settled(LONG);
  }

  @Test
  void signalIsOverWhenItsWriteReturns() {
    bind();
    PendingSignal signal = host.eventfds().write(eventfd, 1);

    assertThat(signal.outcome()).isEqualTo(Outcome.INJECTED);
    assertThat(host.waits().over(signal, 0)).isEqualTo(ExactWait.Progress.SETTLED);
    assertThat(signal.injection().worker()).isEqualTo("test/injector-1");
    assertThat(injecting).containsExactly(Thread.currentThread());
  }

  @Test
  void whileABreakpointIsSetWorkersInject() {
    bind();
    Breakpoint hold = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_DEREFERENCED));
    PendingSignal signal = host.eventfds().write(eventfd, 1);
    host.waits().parked(hold.id(), 1, LONG);
    assertThat(signal.outcome()).isNull();

    var _ = host.breakpoints().remove(hold.id());
    settled();
    var _ = host.eventfds().write(eventfd, 1);

    assertThat(injecting).hasSize(2).element(0).isNotSameAs(Thread.currentThread());
    assertThat(injecting).element(1).isSameAs(Thread.currentThread());
  }

  @Test
  void whileABreakpointIsThereThatIsUsedUpWorkersInject() {
    bind();
    Breakpoint hold = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_DEREFERENCED));
    var _ = host.eventfds().write(eventfd, 1);
    host.waits().parked(hold.id(), 1, LONG);
    var _ = host.breakpoints().release(hold.id(), 1);
    settled();
    var _ = host.eventfds().write(eventfd, 1);
    settled();

    assertThat(injecting).hasSize(2).doesNotContain(Thread.currentThread());
  }

  @Test
  void whileSomebodyFollowsTheEventsWorkersInject() {
    bind();
    options.log().watch();
    var _ = host.eventfds().write(eventfd, 1);
    settled();
    options.log().unwatch();
    var _ = host.eventfds().write(eventfd, 1);

    assertThat(injecting).hasSize(2).element(0).isNotSameAs(Thread.currentThread());
    assertThat(injecting).element(1).isSameAs(Thread.currentThread());
  }

  @Test
  void breakpointIsNotSetBeforeWritersThatInjectAreDone() {
    bind();
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    first =
        () -> {
          inside.countDown();
          waitFor(go);
        };
    Call<PendingSignal> write = Call.start(() -> host.eventfds().write(eventfd, 1));
    waitFor(inside);

    Call<Breakpoint> sets =
        Call.asleep(() -> host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_DEREFERENCED)));
    assertThat(host.breakpoints().list()).isEmpty();
    go.countDown();

    // Had it been set, the writer would have been stopped.
    assertThat(write.get().outcome()).isEqualTo(Outcome.INJECTED);
    assertThat(sets.get().parked()).isEmpty();
    PendingSignal next = host.eventfds().write(eventfd, 1);
    host.waits().parked(sets.get().id(), 1, LONG);
    assertThat(next.outcome()).isNull();
    var _ = host.breakpoints().remove(sets.get().id());
    settled();
  }

  @Test
  void refusedWriteLeavesNothing() {
    bind();
    assertThatThrownBy(() -> host.eventfds().write(eventfd, -1)).isInstanceOf(ErrnoException.class);
    settled();
    assertThat(injecting).isEmpty();
  }

  @Test
  void descriptorThatIsClosedUnderTheWriterEndsWhenItIsDone() {
    bind();
    PendingClose[] close = new PendingClose[1];
    first =
        () -> {
          close[0] = host.eventfds().close(eventfd);
          assertThat(host.waits().over(close[0], 0)).isEqualTo(ExactWait.Progress.PENDING);
        };
    PendingSignal signal = host.eventfds().write(eventfd, 1);

    assertThat(signal.outcome()).isEqualTo(Outcome.INJECTED);
    assertThat(host.waits().over(close[0], LONG)).isEqualTo(ExactWait.Progress.SETTLED);
    assertThat(host.counts().irqfds()).isZero();
    assertThat(host.bugs()).isZero();
  }

  @Test
  void vmThatIsClosedUnderTheWriterWaitsForIt() {
    bind();
    PendingClose[] close = new PendingClose[1];
    first =
        () -> {
          close[0] = host.vms().close(vm.id());
          assertThat(host.waits().over(close[0], 0)).isEqualTo(ExactWait.Progress.PENDING);
        };
    PendingSignal signal = host.eventfds().write(eventfd, 1);

    assertThat(signal.outcome()).isIn(Outcome.INJECTED, Outcome.DROPPED_VM_GONE);
    assertThat(host.waits().over(close[0], LONG)).isEqualTo(ExactWait.Progress.SETTLED);
    assertThat(host.bugs()).isZero();
  }

  @Test
  void signalsThatComeWhileTheWriterInjectsAreNotLost() {
    bind();
    PendingSignal[] others = new PendingSignal[2];
    first =
        () ->
            Call.run(
                    () -> {
                      others[0] = host.eventfds().write(eventfd, 1);
                      others[1] = host.eventfds().write(eventfd, 1);
                    })
                .get();
    PendingSignal signal = host.eventfds().write(eventfd, 1);
    settled();

    assertThat(signal.outcome()).isEqualTo(Outcome.INJECTED);
    assertThat(others[0].outcome()).isEqualTo(Outcome.INJECTED);
    assertThat(others[1].outcome()).isEqualTo(Outcome.COALESCED_PENDING);
    assertThat(injecting).hasSize(2);
  }

  @Test
  void bindingWithACounterThatIsNotZeroHasAWorkerInject() {
    var _ = host.eventfds().write(eventfd, 7);
    bind();
    settled();

    assertThat(injecting).hasSize(1).first().isNotSameAs(Thread.currentThread());
    assertThat(host.eventfds().find(eventfd).eventfd())
        .extracting(EventFd::counters)
        .extracting(EventFd.Counters::value)
        .isEqualTo(7L);
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
