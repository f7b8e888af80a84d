package dev.virq.metrics;

import dev.virq.host.Host;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.Sandboxes;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToLongFunction;
import org.springframework.stereotype.Component;

/**
 * The gauges: totals over all sandboxes, added up at each scrape.
 *
 * <p>Each takes one pass over the sandboxes, whatever is in them: the sandboxes count their objects
 * themselves. Nothing is done between scrapes.
 */
@Component
public final class SandboxGauges {
  private final Sandboxes sandboxes;

  /** Registers the gauges. */
  public SandboxGauges(MeterRegistry registry, Sandboxes sandboxes) {
    this.sandboxes = sandboxes;
    Meters.SANDBOXES.gauge(registry, sandboxes::size);
    Meters.VMS.gauge(registry, () -> sum(host -> host.counts().vms()));
    Meters.EVENTFDS.gauge(registry, () -> sum(host -> host.counts().eventfds()));
    Meters.IRQFDS.gauge(registry, () -> sum(host -> host.counts().irqfds()));
    Meters.MEMORY_USED.gauge(registry, sandboxes::memoryUsed);
    Meters.MEMORY_LIMIT.gauge(registry, () -> sandboxes.memoryLimits().memoryBytesTotal());
    Meters.BREAKPOINTS.gauge(registry, () -> sum(host -> host.counts().breakpoints()));
    Meters.PARKED_THREADS.gauge(registry, () -> sum(host -> host.counts().parked()));
    Meters.INJECTION_QUEUE_DEPTH.gauge(registry, () -> sum(Host::injectionDepth));
    Meters.STREAMS.gauge(registry, sandboxes::streams);
    Meters.STREAM_GAPS.counter(registry, sandboxes, Sandboxes::streamGaps);
    Meters.LEASES_EXPIRED.counter(registry, sandboxes, Sandboxes::leasesExpired);
  }

  private long sum(ToLongFunction<Host> count) {
    long sum = 0;
    for (Sandbox sandbox : sandboxes.list(null)) {
      sum += count.applyAsLong(sandbox.host());
    }
    return sum;
  }
}
