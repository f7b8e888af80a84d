package dev.virq.srcu;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.concurrent.locks.StampedLock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Opens a section, reads a pointer, closes the section; all threads on one domain or lock. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ReadSideBenchmark {
  private final SrcuDomain srcu = new SrcuDomain();
  private final SrcuRef<Object> ref = new SrcuRef<>(new Object());
  private final ReentrantReadWriteLock readWrite = new ReentrantReadWriteLock();
  private final StampedLock stamped = new StampedLock();
  private final Object monitor = new Object();

  /** The domain. */
  @Benchmark
  public Object srcu() {
    int index = srcu.readLock();
    try {
      return ref.dereference();
    } finally {
      srcu.readUnlock(index);
    }
  }

  /** The domain's object form. */
  @Benchmark
  public Object srcuSection() {
    try (ReadSection _ = srcu.read()) {
      return ref.dereference();
    }
  }

  /** A read lock of the JDK. */
  @Benchmark
  public Object reentrantReadWriteLock() {
    readWrite.readLock().lock();
    try {
      return ref.dereference();
    } finally {
      readWrite.readLock().unlock();
    }
  }

  /** The JDK's other one. */
  @Benchmark
  public Object stampedLock() {
    long stamp = stamped.readLock();
    try {
      return ref.dereference();
    } finally {
      stamped.unlockRead(stamp);
    }
  }

  /** A monitor. */
  @Benchmark
  public Object monitor() {
    synchronized (monitor) {
      return ref.dereference();
    }
  }

  /** No protection at all: the floor. */
  @Benchmark
  public Object volatileRead() {
    return ref.dereference();
  }
}
