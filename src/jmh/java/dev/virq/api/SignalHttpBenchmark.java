package dev.virq.api;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Signals over HTTP, each thread on a connection of its own, against a server in the same process.
 * An {@code Accept} with a weight makes a signal the controller's: see decision 26.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 3, time = 3)
@Threads(16)
public class SignalHttpBenchmark {

  /** One signal. */
  @Benchmark
  public int signal(SignalConnection connection) throws IOException {
    return connection.call();
  }
}
