package dev.virq.srcu;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The other operations of a domain without readers; with {@code -prof gc}, what they allocate. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class OperationBenchmark {
  private final SrcuDomain srcu = new SrcuDomain();
  private final Runnable callback = () -> {};

  /** Begins a section that belongs to no thread, and ends it. */
  @Benchmark
  public int downAndUp() {
    int index = srcu.downRead();
    srcu.upRead(index);
    return index;
  }

  /** A cookie. */
  @Benchmark
  public long getState() {
    return srcu.getState();
  }

  /** A cookie whose grace period is begun, and polled until it has ended. */
  @Benchmark
  public long startPollAndPoll() {
    long cookie = srcu.startPoll();
    while (!srcu.poll(cookie)) {
      Thread.onSpinWait();
    }
    return cookie;
  }

  /** A callback, and the wait until it has run. */
  @Benchmark
  public void callAndBarrier() {
    srcu.call(callback);
    srcu.barrier();
  }

  /** A domain, used once and closed. */
  @Benchmark
  public SrcuDomain openAndClose() {
    SrcuDomain domain = new SrcuDomain();
    domain.readUnlock(domain.readLock());
    domain.close();
    return domain;
  }
}
