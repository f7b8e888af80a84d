package dev.virq.explore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.workqueue.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/**
 * How many runs it takes to find each defect, by strategy: the table of explore.md, written to
 * target/docs/defects.md. With {@code -Dvirq.explore.seeds=5} as it stands there.
 */
class DefectTableTest {
  private static final int SEEDS = Integer.getInteger("virq.explore.seeds", 1);
  private static final long MOST = 20_000;
  private static final List<Search> SEARCHES = List.of(Search.RANDOM, Search.PCT, Search.POS);

  @Test
  void everyStrategyFindsEveryDefect() throws Exception {
    List<String> table = new ArrayList<>();
    table.add("| defect | program | RANDOM | PCT | POS | preemptions | simplest schedule |");
    table.add("|---|---|---|---|---|---|---|");
    for (Defect defect : Defect.values()) {
      StringBuilder row =
          new StringBuilder("| `" + defect.word() + "` | `" + defect.program() + "`");
      Exploration.Failure failure = null;
      for (Search search : SEARCHES) {
        long[] runs = new long[SEEDS];
        for (int seed = 0; seed < SEEDS; seed++) {
          Exploration.Verdict verdict = explore(defect, search, seed * MOST);
          assertThat(verdict.failures()).as("%s by %s", defect, search).isNotEmpty();
          runs[seed] = verdict.progress().runs();
          failure = verdict.failures().getFirst();
        }
        Arrays.sort(runs);
        row.append(String.format(Locale.ROOT, " | %,d", runs[SEEDS / 2]));
      }
      row.append(" | ").append(failure.minimal().preemptions());
      row.append(" | `").append(failure.minimal().schedule()).append("` |");
      table.add(row.toString());
    }
    write(table);
  }

  private static Exploration.Verdict explore(Defect defect, Search search, long seed)
      throws Exception {
    Program program =
        ProgramText.parse(Files.readString(Path.of("src/docs/programs", defect.program())));
    Exploration exploration = new Exploration(program, defect, "0.1.0-SNAPSHOT");
    FutureTask<Exploration.Verdict> task =
        new FutureTask<>(() ->
            exploration.explore(
                new Exploration.Plan(search.strategy(seed, 3, 0), seed, MOST, true),
                _ -> {},
                () -> true));
    Workers.virtual().forQueue("test").execute(task);
    return task.get();
  }

  private static void write(List<String> table) throws IOException {
    Path file = Path.of("target/docs/defects.md");
    Files.createDirectories(file.getParent());
    Files.write(file, table);
  }
}
