package dev.virq.metrics;

import dev.virq.limits.Totals;
import dev.virq.sandbox.Sandboxes;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.LongAdder;
import org.springframework.stereotype.Component;

/**
 * The gauges: totals over all sandboxes.
 *
 * <p>They are kept as objects come and go, so that a scrape takes as long for many sandboxes as for
 * one.
 */
@Component
public final class SandboxGauges {
  /** Registers the gauges. */
  public SandboxGauges(MeterRegistry registry, Sandboxes sandboxes) {
    Meters.SANDBOXES.gauge(registry, sandboxes::size);
    Totals totals = sandboxes.totals();
    Meters.VMS.gauge(registry, totals.vms()::used);
    Meters.EVENTFDS.gauge(registry, totals.eventfds()::used);
    Meters.IRQFDS.gauge(registry, totals.irqfds()::used);
    Meters.MEMORY_USED.gauge(registry, sandboxes::memoryUsed);
    Meters.MEMORY_LIMIT.gauge(registry, () -> sandboxes.memoryLimits().memoryBytesTotal());
    Meters.BREAKPOINTS.gauge(registry, totals.breakpoints()::sum);
    Meters.PARKED_THREADS.gauge(registry, totals.parked()::sum);
    Meters.INJECTION_QUEUE_DEPTH.gauge(registry, totals.injectionsQueued()::sum);
    Meters.EXPLORATIONS.gauge(registry, totals.explorations()::sum);
    Meters.EXPLORATION_RUNS.counter(registry, totals.runs(), LongAdder::sum);
    Meters.STREAMS.gauge(registry, sandboxes::streams);
    Meters.STREAM_GAPS.counter(registry, sandboxes, Sandboxes::streamGaps);
    Meters.LEASES_EXPIRED.counter(registry, sandboxes, Sandboxes::leasesExpired);
  }
}
