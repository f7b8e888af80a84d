package dev.virq.host;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.EventfdName;
import dev.virq.inflight.PendingSignal;
import dev.virq.testing.TestHosts;
import dev.virq.testing.TestLimits;
import dev.virq.trace.Probe;
import dev.virq.trace.TraceEvent;
import dev.virq.trace.Tracepoint;
import dev.virq.workqueue.Workers;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A thread that is stopped between two steps of a signal took both at times of their own. */
class StoppedSignalTimesTest {
  private static final long HELD = TimeUnit.MILLISECONDS.toNanos(7);

  /** Stands while a thread runs; a hold takes seven of it. */
  private final AtomicLong millis = new AtomicLong(1_000);

  private final HostOptions options =
      HostOptions.alone(
          "test", 1, Workers.virtual(), TestLimits.defaults(), Probe.NONE, millis::get);
  private final Host host = new Host(options);
  private final EventfdName eventfd = TestHosts.eventfd(host);

  private PendingSignal heldAt(Tracepoint point) {
    var _ = host.irqfds().assign(TestHosts.vm(host).id(), eventfd, 5, null);
    Breakpoint hold = host.setBreakpoint(Breakpoint.Spec.hold(point));
    PendingSignal signal = host.eventfds().write(eventfd, 1);
    host.waits().parked(hold.id(), 1, LONG);
    millis.addAndGet(TimeUnit.NANOSECONDS.toMillis(HELD));
    var _ = host.breakpoints().release(hold.id(), 1);
    host.waits().settled(LONG);
    return signal;
  }

  private long timeOf(Tracepoint point) {
    return options.log().after(0, Integer.MAX_VALUE).events().stream()
        .filter(event -> event.point() == point)
        .mapToLong(TraceEvent::nanos)
        .sum();
  }

  @Test
  void holdBeforeTheReadSectionIsNotTimeInTheQueue() {
    PendingSignal signal = heldAt(Tracepoint.INJECT_ENTER);

    assertThat(timeOf(Tracepoint.EVENTFD_SIGNALLED)).isZero();
    assertThat(timeOf(Tracepoint.INJECT_LOCKED)).isEqualTo(HELD);
    assertThat(signal.injection().queuedNanos()).isZero();
    assertThat(signal.injection().totalNanos()).isEqualTo(HELD);
  }

  @Test
  void holdAfterTheLockIsNotTimeUnderIt() {
    PendingSignal signal = heldAt(Tracepoint.INJECT_LOWERED);

    assertThat(timeOf(Tracepoint.INJECT_LOCKED)).isZero();
    assertThat(timeOf(Tracepoint.SIGNAL_FINISHED)).isEqualTo(HELD);
    assertThat(signal.injection().lockNanos()).isZero();
    assertThat(signal.injection().totalNanos()).isEqualTo(HELD);
  }
}
