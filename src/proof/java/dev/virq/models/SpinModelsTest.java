package dev.virq.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every model of the right program is searched exhaustively without an error; every mutant of it is
 * violated, and in the way it was made to be.
 */
class SpinModelsTest {
  /** What each run came to, to be read by people. */
  private static final Path REPORT = Path.of("target", "spin-models.txt");

  private static final List<String> RUNS = new CopyOnWriteArrayList<>();

  @AfterAll
  static void report() throws IOException {
    if (!RUNS.isEmpty()) {
      Path _ = Files.createDirectories(REPORT.getParent());
      Path _ = Files.write(REPORT, RUNS);
    }
  }

  @BeforeAll
  static void needSpin() {
    assumeTrue(
        SpinRun.installed(),
        "the Spin models need the programs spin and gcc: apt-get install spin gcc");
  }

  @TestFactory
  Stream<DynamicTest> modelsComeToTheirVerdicts() {
    ExecutorService two = Executors.newFixedThreadPool(2);
    return SpinModel.all().stream()
        .map(model -> test(model, two.submit(() -> run(model))))
        .toList()
        .stream()
        .onClose(two::shutdownNow);
  }

  private static DynamicTest test(SpinModel model, Future<SpinRun> future) {
    return dynamicTest(
        model.name(),
        () -> {
          SpinRun run = get(future);
          RUNS.add(
              "%-14s %-14s %-45s %,12d states, %d errors"
                  .formatted(
                      model.name(),
                      model.model(),
                      String.join(" ", model.flags()),
                      run.states(),
                      run.errors()));
          if (model.violation().isEmpty()) {
            assertThat(run.errors()).as(run.output()).isZero();
            assertThat(run.exhaustive()).as(run.output()).isTrue();
          } else {
            assertThat(run.errors()).as("the mutant passes\n%s", run.output()).isPositive();
            assertThat(run.output().lines().filter(line -> line.startsWith("pan:1:")))
                .anySatisfy(line -> assertThat(line).contains(model.violation()));
          }
        });
  }

  /** A mutant's search ends with the first violation. */
  private static SpinRun run(SpinModel model) throws IOException, InterruptedException {
    return SpinRun.of(model.model(), model.flags(), !model.violation().isEmpty());
  }

  private static SpinRun get(Future<SpinRun> future) throws Exception {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }
}
