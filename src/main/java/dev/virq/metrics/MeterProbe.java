package dev.virq.metrics;

import dev.virq.trace.Detail;
import dev.virq.trace.EndCause;
import dev.virq.trace.LineStatus;
import dev.virq.trace.Outcome;
import dev.virq.trace.Probe;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * The probe that moves the meters: which tracepoint moves which meter stands here and nowhere else.
 *
 * <p>Any thread, any locks; never blocks. All series are registered by the constructor, so the
 * first scrape shows zeros, and a hit is an array access and an update: it allocates nothing,
 * except at the beginning of a grace period.
 */
@Component
public final class MeterProbe implements Probe {
  private final SignalCounters signals = new SignalCounters();
  private final Counter[] lineStatus;
  private final Counter resamples;
  private final Timer injection;
  private final Counter[] teardowns;
  private final Timer[] flushes;
  private final Timer[] gracePeriods;
  private final Counter breakpointsExpired;
  private final Clock clock;

  /** When the grace periods that run began; a thread waits for one at a time. */
  private final Map<Thread, Long> gracePeriodsBegun = new ConcurrentHashMap<>();

  /** Registers every meter that a tracepoint moves. */
  public MeterProbe(MeterRegistry registry) {
    clock = registry.config().clock();
    signals.register(registry);
    lineStatus = Meters.LINE_STATUS.counters(registry);
    resamples = Meters.RESAMPLES.counter(registry);
    injection = Meters.INJECTION.timers(registry)[0];
    teardowns = Meters.TEARDOWNS.counters(registry);
    flushes = Meters.FLUSH.timers(registry);
    gracePeriods = Meters.GRACE_PERIOD.timers(registry);
    breakpointsExpired = Meters.BREAKPOINT_EXPIRED.counter(registry);
    Meters.GRACE_PERIODS_ACTIVE.gauge(registry, gracePeriodsBegun::size);
    Meters.GRACE_PERIOD_OLDEST.gauge(registry, this::oldestSeconds);
  }

  @Override
  public boolean observes(Tracepoint point) {
    return switch (point) {
      case EVENTFD_SIGNALLED,
          SIGNAL_FINISHED,
          SIGNAL_ANSWERED,
          RESAMPLED,
          HUP_FLUSHED,
          SYNC_BEGIN,
          SYNC_END,
          FREE_IRQFD,
          BREAKPOINT_EXPIRED ->
          true;
      default -> false;
    };
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, Detail detail) {
    switch (point) {
      case EVENTFD_SIGNALLED -> signals.accepted();
      case RESAMPLED -> resamples.increment();
      case BREAKPOINT_EXPIRED -> breakpointsExpired.increment();
      default -> {
        // Moves no meter, or comes by one of the methods below.
      }
    }
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, Outcome outcome) {
    signals.finished(outcome);
    if (outcome.reachedVm()) {
      injection.record(value, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, LineStatus status) {
    lineStatus[status.ordinal()].increment();
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, EndCause cause) {
    switch (point) {
      case HUP_FLUSHED -> flushes[cause.ordinal()].record(value, TimeUnit.NANOSECONDS);
      case SYNC_BEGIN -> gracePeriodsBegun.put(Thread.currentThread(), clock.monotonicTime());
      case SYNC_END -> {
        gracePeriodsBegun.remove(Thread.currentThread());
        gracePeriods[cause.ordinal()].record(value, TimeUnit.NANOSECONDS);
      }
      case FREE_IRQFD -> teardowns[cause.ordinal()].increment();
      default -> {
        // Moves no meter.
      }
    }
  }

  private double oldestSeconds() {
    long now = clock.monotonicTime();
    long oldestNanos = 0;
    for (long begun : gracePeriodsBegun.values()) {
      oldestNanos = Math.max(oldestNanos, now - begun);
    }
    return oldestNanos / 1e9;
  }
}
