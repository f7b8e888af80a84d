package dev.virq.host;

import com.sun.management.OperatingSystemMXBean;
import dev.virq.workqueue.Work;
import dev.virq.workqueue.WorkQueue;
import dev.virq.workqueue.Workers;
import java.lang.management.ManagementFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Injections a second: one thread signals 100,000 irqfds one after another, two others inject
 * unless it does, and a round is over when all are injected. So none is merged with another.
 *
 * <p>After each iteration it prints the processor time of a signal: that of the whole process, with
 * the compiler and the collector.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class InjectionPipelineBenchmark {
  private static final int IRQFDS = 100_000;

  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  /** What there is from the write to the injection. */
  public enum Kind {
    /** The least that an injection takes, handed over by a ThreadPoolExecutor. */
    LEAN_POOL,
    /** The same, handed over by virq's queue. */
    LEAN_QUEUE,
    /** All that a host does, its workers run by a ThreadPoolExecutor. */
    HOST_POOL,
    /** A host whose workers make all injections. */
    HOST_WORKERS,
    /** A host as it is: who signals injects. */
    HOST
  }

  /** Which. */
  @Param private Kind kind;

  private Pipeline pipeline;
  private long signals;
  private long signalsBefore;
  private long cpuBefore;

  /** Binds all. */
  @Setup(Level.Trial)
  public void bind() {
    switch (kind) {
      case LEAN_POOL -> {
        ExecutorService pool = pool();
        pipeline = new LeanPipeline(IRQFDS, body -> () -> pool.execute(body), pool::shutdownNow);
      }
      case LEAN_QUEUE -> {
        WorkQueue queue =
            new WorkQueue("bench/inject", Pipeline.WORKERS, Workers.virtual("bench"), this::bug);
        pipeline =
            new LeanPipeline(
                IRQFDS,
                body -> {
                  Work work = new Work(queue, body);
                  return () -> work.schedule();
                },
                () -> {});
      }
      case HOST_POOL -> {
        ExecutorService pool = pool();
        pipeline = new HostPipeline(IRQFDS, (_, _) -> pool, pool::shutdownNow);
      }
      case HOST_WORKERS ->
          pipeline = new HostPipeline(IRQFDS, (_, worker) -> Workers.virtual(worker), () -> {});
      case HOST -> pipeline = new HostPipeline(IRQFDS, Workers.virtual(), () -> {});
    }
  }

  private static ExecutorService pool() {
    return new ThreadPoolExecutor(
        Pipeline.WORKERS, Pipeline.WORKERS, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
  }

  /** What it leads to is seen by {@link #check}. */
  private void bug(Throwable bug) {
    bug.printStackTrace();
  }

  /** Begins to count. */
  @Setup(Level.Iteration)
  public void begin() {
    signalsBefore = signals;
    cpuBefore = PROCESS.getProcessCpuTime();
  }

  /** Every signal was injected, by an injection of its own. */
  @TearDown(Level.Iteration)
  public void check() {
    long cpu = PROCESS.getProcessCpuTime() - cpuBefore;
    System.out.print("[" + cpu / (signals - signalsBefore) + " ns of processor time a signal] ");
    if (pipeline.injected() != signals) {
      throw new IllegalStateException(
          signals + " signals, of which injected " + pipeline.injected());
    }
  }

  /** Ends the threads. */
  @TearDown(Level.Trial)
  public void end() {
    pipeline.close();
  }

  /** A signal to each irqfd. */
  @Benchmark
  @OperationsPerInvocation(IRQFDS)
  public void round() {
    for (int i = 0; i < IRQFDS; i++) {
      pipeline.signal(i);
    }
    signals += IRQFDS;
    pipeline.await(signals);
  }
}
