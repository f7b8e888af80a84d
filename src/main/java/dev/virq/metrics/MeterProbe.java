package dev.virq.metrics;

import dev.virq.eventfd.Outcome;
import dev.virq.host.PendingSignal;
import dev.virq.irqchip.LineStatus;
import dev.virq.irqfd.EndCause;
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
import org.jspecify.annotations.Nullable;
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
  private final Counter[] signals;
  private final Counter accepted;
  private final Counter injections;
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
    signals = Meters.SIGNALS.counters(registry);
    accepted = Meters.SIGNALS_ACCEPTED.counter(registry);
    injections = Meters.INJECTIONS.counter(registry);
    lineStatus = Meters.LINE_STATUS.counters(registry);
    resamples = Meters.RESAMPLES.counter(registry);
    injection = Meters.INJECTION.timers(registry)[0];
    teardowns = Meters.TEARDOWNS.counters(registry);
    flushes = Meters.FLUSH.timers(registry);
    gracePeriods = Meters.GRACE_PERIOD.timers(registry);
    breakpointsExpired = Meters.BREAKPOINT_EXPIRED.counter(registry);
    Meters.SIGNALS_PENDING.gauge(registry, this::pending);
    Meters.GRACE_PERIODS_ACTIVE.gauge(registry, gracePeriodsBegun::size);
    Meters.GRACE_PERIOD_OLDEST.gauge(registry, this::oldestSeconds);
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, @Nullable Object detail) {
    switch (point) {
      case EVENTFD_SIGNALLED -> accepted.increment();
      case SIGNAL_FINISHED -> {
        if (detail instanceof Outcome outcome) {
          finished(outcome, value);
        }
        LineStatus answer = subject instanceof PendingSignal signal ? signal.answer() : null;
        if (answer != null) {
          lineStatus[answer.ordinal()].increment();
        }
      }
      case RESAMPLED -> resamples.increment();
      case HUP_FLUSHED -> record(flushes, value, detail);
      case SYNC_BEGIN -> gracePeriodsBegun.put(Thread.currentThread(), clock.monotonicTime());
      case SYNC_END -> {
        gracePeriodsBegun.remove(Thread.currentThread());
        record(gracePeriods, value, detail);
      }
      case FREE_IRQFD -> {
        if (detail instanceof EndCause cause) {
          teardowns[cause.ordinal()].increment();
        }
      }
      case BREAKPOINT_EXPIRED -> breakpointsExpired.increment();
      default -> {
        // Moves no meter.
      }
    }
  }

  private void finished(Outcome outcome, long nanos) {
    signals[outcome.ordinal()].increment();
    if (outcome == Outcome.INJECTED) {
      injections.increment();
    }
    if (outcome.reachedVm()) {
      injection.record(nanos, TimeUnit.NANOSECONDS);
    }
  }

  private static void record(Timer[] byCause, long nanos, @Nullable Object detail) {
    if (detail instanceof EndCause cause) {
      byCause[cause.ordinal()].record(nanos, TimeUnit.NANOSECONDS);
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

  private double pending() {
    // Outcomes first: a signal counted there was accepted before, so this is never negative.
    double outcomes = 0;
    for (Counter one : signals) {
      outcomes += one.count();
    }
    return accepted.count() - outcomes;
  }
}
