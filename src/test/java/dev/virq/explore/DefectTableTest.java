package dev.virq.explore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.defect.Defect;
import dev.virq.lockorder.LockOrder;
import dev.virq.schedule.Schedule;
import dev.virq.workqueue.Workers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * How many runs it takes to find each defect, by strategy: the table of explore.md, written to
 * target/explore/defects.md. With {@code -Dvirq.explore.seeds=5} as it stands there. A strategy
 * that has become much worse at a defect, or finds something else, is noticed.
 */
class DefectTableTest {
  private static final int SEEDS = Integer.getInteger("virq.explore.seeds", 1);
  private static final long APART = 20_000;

  /** For each defect the row of the document. */
  private static final Pattern ROW =
      Pattern.compile(
          "(?m)^\\| `(?<defect>[a-z-]+)` \\| `(?<program>[a-z-]+\\.virq)` \\| (?<RANDOM>[0-9,]+)"
              + " \\| (?<PCT>[0-9,]+) \\| (?<POS>[0-9,]+) \\| (?<preemptions>\\d+)"
              + " \\| (?<kinds>[a-z_, ]+) \\| `(?<schedule>s1:\\S+)` \\|$");

  private static final Path DOCUMENT = Path.of("src/docs/explore.md");
  private static final List<Search> SEARCHES = List.of(Search.RANDOM, Search.PCT, Search.POS);

  @Test
  void everyStrategyFindsEveryDefect() throws Throwable {
    // One of them holds a lock over a sleep.
    LockOrder.overlook(DefectTableTest::makeTable);
  }

  private static void makeTable() throws Exception {
    List<String> table = new ArrayList<>();
    table.add(
        "| defect | program | RANDOM | PCT | POS | preemptions | kinds | simplest schedule |");
    table.add("|---|---|---|---|---|---|---|---|");
    Map<Defect, MatchResult> rows = rows();
    List<String> worse = new ArrayList<>();
    for (Defect defect : Defect.values()) {
      MatchResult before = rows.get(defect);
      StringBuilder row =
          new StringBuilder("| `" + defect.word() + "` | `" + defect.program() + "`");
      Exploration.Failure failure = null;
      Set<String> kinds = new TreeSet<>();
      for (Search search : SEARCHES) {
        long bound = bound(Long.parseLong(before.group(search.name()).replace(",", "")));
        long[] runs = new long[SEEDS];
        for (int seed = 0; seed < SEEDS; seed++) {
          Exploration.Verdict verdict = explore(defect, search, seed * APART, bound);
          runs[seed] = verdict.progress().runs();
          if (verdict.failures().isEmpty()) {
            worse.add("%s: not within %,d runs of %s".formatted(defect.word(), bound, search));
            continue;
          }
          failure = verdict.failures().getFirst();
          verdict.failures().forEach(one -> kinds.add(kind(one.expectation())));
        }
        Arrays.sort(runs);
        row.append(String.format(Locale.ROOT, " | %,d", runs[SEEDS / 2]));
      }
      if (failure != null) {
        row.append(" | ").append(failure.minimal().preemptions());
        row.append(" | ").append(String.join(", ", kinds));
        row.append(" | `").append(failure.minimal().schedule()).append("` |");
      }
      kinds.removeAll(kinds(before));
      if (!kinds.isEmpty()) {
        worse.add("%s: ends in %s".formatted(defect.word(), kinds));
      }
      table.add(row.toString());
    }
    write(table);
    assertThat(worse).isEmpty();
  }

  /** The word of a report, or always for what the program itself expects. */
  private static String kind(String expectation) {
    return expectation.substring(0, expectation.indexOf(' ')).equals("never")
        ? expectation.substring("never ".length())
        : "always";
  }

  private static List<String> kinds(MatchResult row) {
    return List.of(row.group("kinds").split(", "));
  }

  /** Far more runs than any seed needs, and few enough that a strategy gone blind is noticed. */
  private static long bound(long median) {
    return 20 * median + 100;
  }

  private static Map<Defect, MatchResult> rows() throws IOException {
    Map<Defect, MatchResult> rows = new EnumMap<>(Defect.class);
    ROW.matcher(Files.readString(DOCUMENT))
        .results()
        .forEach(row -> {
          Defect defect = Defect.find(row.group("defect"));
          assertThat(defect).as(row.group()).isNotNull();
          assertThat(row.group("program")).isEqualTo(defect.program());
          rows.put(defect, row);
        });
    assertThat(rows).containsOnlyKeys(Defect.values());
    return rows;
  }

  /** Those of explore.md, with as many preemptions as it says, and a sentence on each defect. */
  @Test
  void theSchedulesOfTheDocumentBringTheDefectsBack() throws Throwable {
    LockOrder.overlook(DefectTableTest::replayTable);
  }

  private static void replayTable() throws Exception {
    String document = Files.readString(DOCUMENT);
    for (Map.Entry<Defect, MatchResult> entry : rows().entrySet()) {
      Defect defect = entry.getKey();
      MatchResult row = entry.getValue();
      Exploration exploration = new Exploration(program(defect), defect, version());
      Exploration.Replayed replayed =
          aside(() -> exploration.replay(Schedule.parse(row.group("schedule"))));
      assertThat(replayed.violated()).as(defect.word()).isNotEmpty();
      assertThat(kinds(row))
          .as(defect.word())
          .containsAll(replayed.violated().stream().map(DefectTableTest::kind).toList());
      assertThat(replayed.preemptions()).isEqualTo(Integer.parseInt(row.group("preemptions")));
      assertThat(document).containsPattern("\\| `%s` \\| [^`]".formatted(defect.word()));
    }
  }

  private static Exploration.Verdict explore(Defect defect, Search search, long seed, long most)
      throws Exception {
    Exploration exploration = new Exploration(program(defect), defect, version());
    return aside(() ->
        exploration.explore(
            new Exploration.Plan(search.strategy(seed, 3, 0), seed, most, true),
            _ -> {},
            () -> true));
  }

  private static Program program(Defect defect) throws IOException {
    return ProgramText.parse(Files.readString(Path.of("src/docs/programs", defect.program())));
  }

  /** That of the build, which schedules are bound to. */
  private static String version() throws IOException {
    Properties build = new Properties();
    try (InputStream in =
        DefectTableTest.class.getResourceAsStream("/META-INF/build-info.properties")) {
      build.load(in);
    }
    return build.getProperty("build.version");
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
