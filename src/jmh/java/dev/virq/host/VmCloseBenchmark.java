package dev.virq.host;

import dev.virq.errno.EventfdName;
import dev.virq.irqchip.IrqChip;
import dev.virq.limits.Limits;
import dev.virq.testing.TestLimits;
import dev.virq.trace.Probe;
import dev.virq.workqueue.Workers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * From the close of a VM's last descriptor until the last of its idle irqfds is gone. With {@code
 * -p irqfds=1000000} there are as many as there can be.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(jvmArgsAppend = "-Xmx2g")
@Warmup(iterations = 20)
@Measurement(iterations = 20)
public class VmCloseBenchmark {
  private static final long LONG_NANOS = Duration.ofSeconds(60).toNanos();

  /** The program's own bound is 200,000 of each. */
  private static final int MOST = 1_000_000;

  private final Limits limits =
      TestLimits.with(
          Map.of(
              "eventfds", MOST, "descriptors", MOST, "irqfds", MOST, "objects-total", 3L * MOST));

  /** How many are bound. */
  @Param({"1000", "10000", "100000"})
  private int irqfds;

  private Host host;
  private long vm;

  /** A system whose only VM has so many irqfds, none of them ever signalled. */
  @Setup(org.openjdk.jmh.annotations.Level.Invocation)
  public void bind() {
    host = new Host(HostOptions.alone("bench", 2, Workers.virtual(), limits, Probe.NONE, () -> 0));
    vm = host.vms().create(null, IrqChip.Kind.KERNEL, 0).id();
    for (int i = 0; i < irqfds; i++) {
      EventfdName eventfd = EventfdName.id(host.eventfds().create(0, false, false, null).id());
      host.irqfds().assign(vm, eventfd, i % 24, null);
    }
  }

  /** All irqfds must be gone. */
  @TearDown(org.openjdk.jmh.annotations.Level.Invocation)
  public void check() {
    if (host.counts().irqfds() != 0 || host.counts().vms() != 0) {
      throw new IllegalStateException("not closed: " + host.counts());
    }
  }

  /** One close. */
  @Benchmark
  public void close() {
    host.vms().close(vm);
    host.waits().settled(LONG_NANOS);
  }
}
