package dev.virq.api;

import dev.virq.bench.HttpConnection;
import dev.virq.bench.Program;
import dev.virq.host.Host;
import dev.virq.host.HostOptions;
import dev.virq.script.Result;
import dev.virq.script.Script;
import dev.virq.script.ScriptRunner;
import dev.virq.stats.HostStats;
import dev.virq.testing.TestLimits;
import dev.virq.trace.Outcome;
import dev.virq.trace.Probe;
import dev.virq.workqueue.Workers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
 * Operations a second of a script of 10,000 lines: by the domain alone, which has read it already,
 * and posted as a whole over HTTP, read, run and answered, by a client in the same process.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 3, time = 2)
public class ScriptBenchmark {
  private static final int LINES = 10_000;
  private static final int OK = 200;
  private static final long LONG_NANOS = Duration.ofSeconds(60).toNanos();

  /** What most of the lines do. */
  public enum Kind {
    /** Writes to a bound eventfd, each of which is injected. */
    WRITES(
        List.of("vm_create v", "irqchip_create v", "eventfd_create e 0", "irqfd_assign v e 5"),
        List.of("eventfd_write e 1")),
    /** A line raised and lowered. */
    LEVELS(List.of("vm_create v", "irqchip_create v"), List.of("irq_line v 5 1", "irq_line v 5 0")),
    /** Polls of an eventfd, and reads of its counter. */
    READS(List.of("eventfd_create e 10000 semaphore"), List.of("eventfd_poll e", "eventfd_read e"));

    private final List<String> begin;
    private final List<String> body;

    Kind(List<String> begin, List<String> body) {
      this.begin = begin;
      this.body = body;
    }

    String text() {
      return Stream.concat(
              begin.stream(), Collections.nCopies(LINES, body).stream().flatMap(List::stream))
          .limit(LINES)
          .collect(Collectors.joining("\n", "", "\n"));
    }

    /** Signals that one run of it makes. */
    int signals() {
      return this == WRITES ? LINES - begin.size() : 0;
    }
  }

  /** Which script. */
  @State(Scope.Benchmark)
  public static class Which {
    /** What most of its lines do. */
    @Param private Kind script;
  }

  /** A host, and the script. */
  @State(Scope.Benchmark)
  public static class Domain {
    private Host host;
    private Script script;
    private long done;
    private long runs;

    /** Makes them. */
    @Setup(Level.Trial)
    public void make(Which which) {
      host =
          new Host(
              HostOptions.alone(
                  "bench",
                  4,
                  Workers.virtual(),
                  TestLimits.defaults(),
                  Probe.NONE,
                  System::currentTimeMillis));
      script = Script.parse(which.script.text(), LINES);
    }

    private void count(Result result) {
      if (result.errno() != null) {
        throw new IllegalStateException("refused: " + result);
      }
      done++;
    }

    /** All operations were done, and all signals injected. */
    @TearDown(Level.Iteration)
    public void check(Which which) {
      HostStats stats = host.stats();
      if (done != runs * LINES
          || stats.signals() != runs * which.script.signals()
          || stats.outcomes().getOrDefault(Outcome.INJECTED, 0L) != stats.signals()) {
        throw new IllegalStateException(done + " operations in " + runs + " runs, " + stats);
      }
    }
  }

  /** The program, a connection, and the script as a request. */
  @State(Scope.Benchmark)
  public static class Http {
    private Program program;
    private HttpConnection connection;
    private byte[] request;
    private long runs;

    /** Starts it. */
    @Setup(Level.Trial)
    public void start(Which which) throws IOException {
      program = new Program();
      connection = new HttpConnection(program.port());
      request =
          HttpConnection.post(Program.SANDBOX + "/scripts", "text/plain", which.script.text());
    }

    /** All signals were injected. */
    @TearDown(Level.Iteration)
    public void check(Which which) {
      long injected = program.requireInjected();
      if (injected != runs * which.script.signals()) {
        throw new IllegalStateException(injected + " signals in " + runs + " runs");
      }
    }

    /** Ends it. */
    @TearDown(Level.Trial)
    public void stop() throws IOException {
      connection.close();
      program.close();
    }
  }

  /** One run, by a process of its own. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void domain(Domain domain) {
    try (ScriptRunner runner = new ScriptRunner(domain.host, LONG_NANOS)) {
      runner.run(domain.script, domain::count);
    }
    domain.runs++;
  }

  /** One request. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public int http(Http http) throws IOException {
    String answer = new String(http.connection.call(http.request, OK), StandardCharsets.ISO_8859_1);
    if (answer.contains("\"ok\":false") || answer.lines().count() != LINES) {
      throw new IllegalStateException(answer.lines().limit(20).collect(Collectors.joining("\n")));
    }
    http.runs++;
    return answer.length();
  }
}
