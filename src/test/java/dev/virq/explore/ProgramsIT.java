package dev.virq.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.virq.schedule.Strategy;
import dev.virq.workqueue.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * The project's own programs at the size that explore.md states: what its table says of each, and
 * {@code -Dvirq.explore.runs=} of each by each random strategy.
 */
@Tag("thorough")
class ProgramsIT {
  private static final Path DOCS = Path.of("src/docs");
  private static final long RUNS = Long.getLong("virq.explore.runs", 5_000);
  private static final List<Search> RANDOM = List.of(Search.RANDOM, Search.PCT, Search.POS);

  /** A program, what there is to see, and how much of it. */
  private static final Pattern ROW =
      Pattern.compile(
          "(?m)^\\| `(?<program>[a-z-]+)` \\|.*\\| (?<all>all|the first) (?<runs>[0-9,]+) \\|"
              + " (?<outcomes>\\d+) \\|$");

  @TestFactory
  Stream<DynamicTest> theTableIsWhatThereIs() throws IOException {
    List<MatchResult> rows =
        ROW.matcher(Files.readString(DOCS.resolve("explore.md"))).results().toList();
    try (Stream<Path> programs = Files.list(DOCS.resolve("programs"))) {
      assertThat(rows).hasSize((int) programs.count());
    }
    return rows.stream()
        .map(row ->
            dynamicTest(
                row.group("program"),
                () -> {
                  long runs = Long.parseLong(row.group("runs").replace(",", ""));
                  boolean all = row.group("all").equals("all");
                  Exploration.Verdict verdict =
                      explore(
                          row.group("program"),
                          Search.EXHAUSTIVE.strategy(0, 1, 1),
                          all ? Exploration.MOST_RUNS : runs);
                  assertThat(verdict.failures()).isEmpty();
                  assertThat(verdict.progress().runs()).isEqualTo(runs);
                  assertThat(verdict.exhausted()).isEqualTo(all);
                  assertThat(verdict.rows()).hasSize(Integer.parseInt(row.group("outcomes")));
                }));
  }

  @TestFactory
  Stream<DynamicTest> noRandomScheduleViolatesAnything() throws IOException {
    List<String> programs;
    try (Stream<Path> files = Files.list(DOCS.resolve("programs"))) {
      programs =
          files.map(file -> file.getFileName().toString().replace(".virq", "")).sorted().toList();
    }
    return programs.stream()
        .flatMap(program ->
            RANDOM.stream()
                .map(search ->
                    dynamicTest(
                        program + " " + search,
                        () -> {
                          Exploration.Verdict verdict =
                              explore(program, search.strategy(0, 3, 0), RUNS);
                          assertThat(verdict.failures()).isEmpty();
                          assertThat(verdict.progress().runs()).isEqualTo(RUNS);
                        })));
  }

  private static Exploration.Verdict explore(String program, Strategy strategy, long runs)
      throws Exception {
    Exploration exploration =
        new Exploration(
            ProgramText.parse(
                Files.readString(DOCS.resolve("programs").resolve(program + ".virq"))),
            null,
            "test");
    FutureTask<Exploration.Verdict> task =
        new FutureTask<>(() ->
            exploration.explore(
                new Exploration.Plan(strategy, 0, runs, false), _ -> {}, () -> true));
    Workers.virtual("test").execute(task);
    return task.get();
  }
}
