package dev.virq.explore;

import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.host.HostOptions;
import dev.virq.irqchip.IrqChip;
import dev.virq.limits.Limits;
import dev.virq.trace.Probe;
import dev.virq.workqueue.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Runs of {@code all-three}, three actors and eight operations, on a host each: under the
 * controlled scheduler, and with threads that nobody controls. Both have a single carrier.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = 5,
    jvmArgsAppend = {
      "-Djdk.virtualThreadScheduler.parallelism=1",
      "-Djdk.virtualThreadScheduler.maxPoolSize=1"
    })
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
public class ExplorationBenchmark {
  private static final int RUNS = 1_000;
  private static final int GSI = 5;

  private final Limits limits = HostOptions.inProcess().limits();
  private Program program;
  private long seed;

  /** The program of the repository. */
  @Setup
  public void read() throws IOException {
    program = ProgramText.parse(Files.readString(Path.of("src/docs/programs/all-three.virq")));
  }

  /** Under PCT, each run with another seed. */
  @Benchmark
  @OperationsPerInvocation(RUNS)
  public Exploration.Verdict controlled() throws ExecutionException, InterruptedException {
    Exploration exploration = new Exploration(program, null, "bench");
    seed += RUNS;
    return onVirtualThread(() ->
        exploration.explore(
            new Exploration.Plan(Search.PCT.strategy(seed, 3, 0), seed, RUNS, false),
            _ -> {},
            () -> true));
  }

  /** The same calls, by threads that the scheduler of the JDK runs as it likes. */
  @Benchmark
  @OperationsPerInvocation(RUNS)
  public long uncontrolled() throws ExecutionException, InterruptedException {
    return onVirtualThread(() -> {
      long refused = 0;
      for (int run = 0; run < RUNS; run++) {
        refused += once();
      }
      return refused;
    });
  }

  private long once() throws ExecutionException, InterruptedException {
    Host host =
        new Host(HostOptions.alone("bench", 2, Workers.virtual(), limits, Probe.NONE, () -> 0));
    long vm = host.vms().create(null, IrqChip.Kind.KERNEL, 0).id();
    EventfdName eventfd = EventfdName.id(host.eventfds().create(0, false, false, null).id());
    host.irqfds().assign(vm, eventfd, GSI, null);
    List<FutureTask<Object>> actors = new ArrayList<>();
    actors.add(new FutureTask<>(() -> host.eventfds().write(eventfd, 1)));
    actors.add(new FutureTask<>(() -> host.eventfds().close(eventfd)));
    actors.add(new FutureTask<>(() -> host.vms().close(vm)));
    actors.forEach(actor -> Workers.virtual("actor").execute(actor));
    long refused = 0;
    for (FutureTask<Object> actor : actors) {
      try {
        Object _ = actor.get();
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof ErrnoException)) {
          throw e;
        }
        refused++;
      }
    }
    host.waits().settled(TimeUnit.SECONDS.toNanos(60));
    return refused;
  }

  private static <R> R onVirtualThread(Callable<R> work)
      throws ExecutionException, InterruptedException {
    FutureTask<R> task = new FutureTask<>(work);
    Workers.virtual("bench").execute(task);
    return task.get();
  }
}
