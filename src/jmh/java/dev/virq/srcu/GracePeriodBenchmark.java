package dev.virq.srcu;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** How long {@code synchronize} takes, by what the readers of the domain do meanwhile. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class GracePeriodBenchmark {
  /** Idle: none. Busy: one, section after section. Sleeping: 16, each in sections of 1 ms. */
  @Param({"idle", "busy", "sleeping"})
  private String readers;

  private final SrcuDomain srcu = new SrcuDomain();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong sections = new AtomicLong();
  private final AtomicLong sectionNanos = new AtomicLong();
  private final AtomicLong longestNanos = new AtomicLong();
  private volatile boolean over;

  /** Starts the readers. */
  @Setup
  public void start() {
    int count = readers.equals("idle") ? 0 : readers.equals("busy") ? 1 : 16;
    for (int i = 0; i < count; i++) {
      threads.add(Thread.ofPlatform().start(count == 1 ? this::readBusily : this::readAsleep));
    }
  }

  /** Ends the readers, and prints how long their sections were. */
  @TearDown
  public void stop() throws InterruptedException {
    over = true;
    for (Thread thread : threads) {
      thread.join();
    }
    if (sections.get() > 0) {
      System.out.printf(
          "section: mean %,d ns, longest %,d ns%n",
          sectionNanos.get() / sections.get(), longestNanos.get());
    }
  }

  private void readBusily() {
    while (!over) {
      srcu.readUnlock(srcu.readLock());
    }
  }

  private void readAsleep() {
    while (!over) {
      long start = System.nanoTime();
      int index = srcu.readLock();
      LockSupport.parkNanos(1_000_000);
      srcu.readUnlock(index);
      long nanos = System.nanoTime() - start;
      sections.incrementAndGet();
      sectionNanos.addAndGet(nanos);
      longestNanos.accumulateAndGet(nanos, Math::max);
    }
  }

  /** One grace period. */
  @Benchmark
  public GracePeriod synchronize() {
    return srcu.synchronize();
  }

  /** One grace period in haste. */
  @Benchmark
  public GracePeriod synchronizeExpedited() {
    return srcu.synchronizeExpedited();
  }
}
