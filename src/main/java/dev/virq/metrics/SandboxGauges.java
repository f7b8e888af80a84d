package dev.virq.metrics;

import dev.virq.sandbox.Kernel;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.Sandboxes;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToLongFunction;
import org.springframework.stereotype.Component;

/**
 * The gauges: totals over all sandboxes, added up when somebody scrapes.
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
    Meters.VMS.gauge(registry, () -> sum(kernel -> kernel.counts().vms()));
    Meters.EVENTFDS.gauge(registry, () -> sum(kernel -> kernel.counts().eventfds()));
    Meters.IRQFDS.gauge(registry, () -> sum(kernel -> kernel.counts().irqfds()));
    Meters.BREAKPOINTS.gauge(registry, () -> sum(kernel -> kernel.counts().breakpoints()));
    Meters.PARKED_THREADS.gauge(registry, () -> sum(kernel -> kernel.counts().parked()));
    Meters.INJECTION_QUEUE_DEPTH.gauge(registry, () -> sum(Kernel::injectionDepth));
    FunctionCounter _ =
        FunctionCounter.builder(
                Meters.LEASES_EXPIRED.getName(), sandboxes, Sandboxes::leasesExpired)
            .description(Meters.LEASES_EXPIRED.description())
            .register(registry);
  }

  private long sum(ToLongFunction<Kernel> count) {
    long sum = 0;
    for (Sandbox sandbox : sandboxes.list(null)) {
      sum += count.applyAsLong(sandbox.kernel());
    }
    return sum;
  }
}
