package dev.virq.explore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.defect.Defect;
import dev.virq.lockorder.LockOrder;
import dev.virq.schedule.Schedule;
import dev.virq.workqueue.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * How many runs it takes to find each defect, by strategy: the table of explore.md, written to
 * target/explore/defects.md. With {@code -Dvirq.explore.seeds=5} as it stands there.
 */
class DefectTableTest {
  private static final int SEEDS = Integer.getInteger("virq.explore.seeds", 1);
  private static final long MOST = 20_000;
  private static final String VERSION = "0.1.0-SNAPSHOT";
  private static final List<Search> SEARCHES = List.of(Search.RANDOM, Search.PCT, Search.POS);

  @Test
  void everyStrategyFindsEveryDefect() throws Throwable {
    // One of them holds a lock over a sleep.
    LockOrder.overlook(DefectTableTest::makeTable);
  }

  private static void makeTable() throws Exception {
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

  /** Those of explore.md, with as many preemptions as it says, and a sentence on each defect. */
  @Test
  void theSchedulesOfTheDocumentBringTheDefectsBack() throws Throwable {
    LockOrder.overlook(DefectTableTest::replayTable);
  }

  private static void replayTable() throws Exception {
    String document = Files.readString(Path.of("src/docs/explore.md"));
    for (Defect defect : Defect.values()) {
      Matcher row =
          Pattern.compile(
                  "\\| `%s` \\| `%s` \\|.* (?<preemptions>\\d+) \\| `(?<schedule>s1:\\S+)` \\|"
                      .formatted(defect.word(), defect.program()))
              .matcher(document);
      assertThat(row.find()).as(defect.word()).isTrue();
      Exploration exploration = new Exploration(program(defect), defect, VERSION);
      Exploration.Replayed replayed =
          aside(() -> exploration.replay(Schedule.parse(row.group("schedule"))));
      assertThat(replayed.violated()).as(defect.word()).isNotEmpty();
      assertThat(replayed.preemptions()).isEqualTo(Integer.parseInt(row.group("preemptions")));
      assertThat(document).containsPattern("\\| `%s` \\| [^`]".formatted(defect.word()));
    }
  }

  private static Exploration.Verdict explore(Defect defect, Search search, long seed)
      throws Exception {
    Exploration exploration = new Exploration(program(defect), defect, VERSION);
    return aside(() ->
        exploration.explore(
            new Exploration.Plan(search.strategy(seed, 3, 0), seed, MOST, true),
            _ -> {},
            () -> true));
  }

  private static Program program(Defect defect) throws IOException {
    return ProgramText.parse(Files.readString(Path.of("src/docs/programs", defect.program())));
  }

  private static <T> T aside(Callable<T> body) throws Exception {
    FutureTask<T> task = new FutureTask<>(body);
    Workers.virtual("test").execute(task);
    return task.get();
  }

  private static void write(List<String> table) throws IOException {
    Path file = Path.of("target/explore/defects.md");
    Files.createDirectories(file.getParent());
    Files.write(file, table);
  }
}
