package dev.virq.api;

import dev.virq.bench.Program;
import java.io.IOException;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The program, with one VM and one bound eventfd. */
@State(Scope.Benchmark)
public class SignalServer {
  private Program program;

  /** Starts it. */
  @Setup
  public void start() throws IOException {
    program = new Program();
    program.bind();
  }

  int port() {
    return program.port();
  }

  Program program() {
    return program;
  }

  /** Every signal reached the VM, by itself or merged with another. */
  @TearDown(Level.Iteration)
  public void check() {
    long _ = program.requireInjected();
  }

  /** Ends it. */
  @TearDown
  public void stop() {
    program.close();
  }
}
