package dev.virq.sandbox;

import dev.virq.errno.Errno;
import dev.virq.irqchip.IrqChip;
import dev.virq.trace.Probe;
import dev.virq.trace.TraceBuffer;
import java.time.Duration;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** From the close of a VM's last descriptor until the last of its idle irqfds is gone. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 20)
@Measurement(iterations = 20)
public class VmCloseBenchmark {
  private static final long LONG_NANOS = Duration.ofSeconds(60).toNanos();

  /** How many are bound. */
  @Param({"10000", "20000"})
  private int irqfds;

  private Kernel kernel;
  private long vm;

  /** A system whose only VM has so many irqfds, none of them ever signalled. */
  @Setup(org.openjdk.jmh.annotations.Level.Invocation)
  public void bind() {
    Limits limits = Limits.defaults();
    kernel =
        new Kernel(
            new KernelSetup(
                "bench",
                2,
                2,
                Workers.virtual(),
                limits,
                new Quota("objects", limits.objectsTotal(), Errno.ENFILE, null),
                Probe.NONE,
                new TraceBuffer(limits.events(), () -> 0),
                () -> 0));
    vm = kernel.vms().create(null, IrqChip.Kind.KERNEL, 0).id();
    for (int i = 0; i < irqfds; i++) {
      EventfdRef eventfd = EventfdRef.id(kernel.eventfds().create(0, false, false, null).id());
      kernel.irqfds().assign(vm, eventfd, i % 24, null);
    }
  }

  /** All irqfds must be gone. */
  @TearDown(org.openjdk.jmh.annotations.Level.Invocation)
  public void check() {
    if (kernel.counts().irqfds() != 0 || kernel.counts().vms() != 0) {
      throw new IllegalStateException("not closed: " + kernel.counts());
    }
  }

  /** One close. */
  @Benchmark
  public void close() {
    kernel.vms().close(vm);
    kernel.waits().settled(LONG_NANOS);
  }
}
