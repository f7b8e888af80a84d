package dev.virq.srcu;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A reader that stays for long: what the updater that waits for it costs meanwhile, and how long
 * grace periods of another domain take, before and meanwhile. Both are printed.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
public class BlockedUpdaterBenchmark {
  private static final int ELSEWHERE = 1_000;

  /** How long the reader stays, in seconds. */
  @Param("10")
  private int seconds;

  private final SrcuDomain srcu = new SrcuDomain();
  private final SrcuDomain other = new SrcuDomain();
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

  /** One grace period that waits for the reader. */
  @Benchmark
  public GracePeriod synchronize() throws InterruptedException {
    String before = elsewhere();
    int index = srcu.readLock();
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds));
              srcu.readUnlock(index);
            });
    String[] meanwhile = new String[1];
    Thread neighbour = Thread.ofPlatform().start(() -> meanwhile[0] = elsewhere());
    long cpu = threads.getCurrentThreadCpuTime();
    GracePeriod ended = srcu.synchronize();
    cpu = threads.getCurrentThreadCpuTime() - cpu;
    reader.join();
    neighbour.join();
    System.out.printf(
        "updater: %.4f %% of a processor; elsewhere before: %s, meanwhile: %s%n",
        100.0 * cpu / ended.durationNanos(), before, meanwhile[0]);
    return ended;
  }

  /** Grace periods of another domain, one every millisecond. */
  private String elsewhere() {
    long[] nanos = new long[ELSEWHERE];
    for (int i = 0; i < nanos.length; i++) {
      LockSupport.parkNanos(1_000_000);
      nanos[i] = other.synchronize().durationNanos();
    }
    Arrays.sort(nanos);
    return "median %,d ns, p99 %,d ns"
        .formatted(nanos[nanos.length / 2], nanos[nanos.length * 99 / 100]);
  }
}
