package dev.virq.metrics;

import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.irqchip.IrqChip;
import dev.virq.sandbox.SandboxSpec;
import dev.virq.sandbox.Sandboxes;
import dev.virq.testing.TestSandboxes;
import io.micrometer.core.instrument.Clock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A scrape of virq's own meters, with few and with many sandboxes, a bound irqfd in each. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ScrapeBenchmark {
  /** How many there are. */
  @Param({"1", "20000"})
  private int sandboxes;

  private PrometheusMeterRegistry registry;

  /** Kept for the gauges, which would not keep it. */
  private Sandboxes instance;

  private String scrape;

  /** Makes them. */
  @Setup(Level.Trial)
  public void fill() {
    registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, new OneMoment(), Clock.SYSTEM);
    instance = new TestSandboxes().probe(new MeterProbe(registry)).clock(System::nanoTime).empty();
    SandboxGauges _ = new SandboxGauges(registry, instance);
    for (int i = 0; i < sandboxes; i++) {
      Host host =
          instance.create(new SandboxSpec("rig-" + i, Duration.ofHours(1), 1, Map.of())).host();
      long vm = host.vms().create(null, IrqChip.Kind.KERNEL, 0).id();
      EventfdName eventfd = EventfdName.id(host.eventfds().create(0, false, false, null).id());
      var _ = host.irqfds().assign(vm, eventfd, 5, null);
    }
  }

  /** It said how many there are, and nothing of any of them. */
  @TearDown(Level.Iteration)
  public void check() {
    if (!scrape.contains("\nvirq_sandboxes " + sandboxes + ".0\n")
        || !scrape.contains("\nvirq_irqfds " + sandboxes + ".0\n")
        || scrape.contains("rig-")) {
      throw new IllegalStateException("not a scrape of " + sandboxes + " sandboxes:\n" + scrape);
    }
    System.out.print(
        "[%d meters, %d lines] ".formatted(registry.getMeters().size(), scrape.lines().count()));
  }

  /** One scrape. */
  @Benchmark
  public String scrape() {
    scrape = registry.scrape();
    return scrape;
  }
}
