package dev.virq.host;

import dev.virq.clock.SandboxClock;
import dev.virq.errno.Errno;
import dev.virq.errno.EventfdName;
import dev.virq.irqchip.IrqChip;
import dev.virq.limits.Budget;
import dev.virq.limits.Limits;
import dev.virq.limits.Quota;
import dev.virq.limits.Totals;
import dev.virq.limits.WaitersTotal;
import dev.virq.trace.Probe;
import dev.virq.trace.TraceBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A signal from the write to the end of its injection; one thread does both. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class SignalBenchmark {

  /** Whether the log records every step, as it does while somebody looks, or what has happened. */
  @Param({"false", "true"})
  private boolean watched;

  private final ArrayDeque<Runnable> started = new ArrayDeque<>();
  private Host host;
  private EventfdName eventfd;

  /** A system with one bound eventfd. */
  @Setup
  public void bind() {
    Limits limits = HostOptions.inProcess().limits();
    TraceBuffer log =
        new TraceBuffer(
            limits.events(),
            Budget.unbounded(),
            System::nanoTime,
            System::currentTimeMillis,
            "bench/");
    HostOptions options =
        new HostOptions(
            "bench",
            1,
            1,
            (_, _) -> started::add,
            limits,
            new Totals(new Quota("objects", limits.objectsTotal(), Errno.ENFILE, null)),
            Budget.unbounded(),
            new WaitersTotal(limits.waitersTotal()),
            Probe.NONE,
            log,
            System::currentTimeMillis,
            SandboxClock.standing());
    if (watched) {
      log.watch();
    }
    host = new Host(options);
    long vm = host.vms().create(null, IrqChip.Kind.KERNEL, 0).id();
    eventfd = EventfdName.id(host.eventfds().create(0, false, false, null).id());
    host.irqfds().assign(vm, eventfd, 5, null);
  }

  /** One signal. */
  @Benchmark
  public void signal() {
    host.eventfds().write(eventfd, 1);
    for (Runnable worker = started.poll(); worker != null; worker = started.poll()) {
      worker.run();
    }
  }
}
