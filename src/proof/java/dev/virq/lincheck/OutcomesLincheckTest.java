package dev.virq.lincheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.virq.defect.Defect;
import dev.virq.explore.Exploration;
import dev.virq.explore.ProgramText;
import dev.virq.explore.Search;
import dev.virq.mutants.BrokenClasses;
import dev.virq.schedule.DepthFirst;
import dev.virq.schedule.Moment;
import dev.virq.schedule.Strategy;
import dev.virq.workqueue.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The controlled scheduler misses no outcome that Lincheck sees, which switches threads at every
 * access to what they share and knows no choice points. {@code -Dlincheck.invocations=} sets how
 * many interleavings it tries; what each of the two saw is in target/lincheck.
 */
class OutcomesLincheckTest {
  private static final boolean PROOF = Boolean.getBoolean("virq.proof");
  private static final int INVOCATIONS =
      Integer.getInteger("lincheck.invocations", PROOF ? 2_000 : 150);
  private static final String LONG = "takes too long for every build: under -Pproof";

  /** Interleavings in which a defect may hide; the first finding ends a run. */
  private static final int DEFECT_INVOCATIONS = 5_000;

  private static final int PREEMPTIONS = 1;
  private static final long MOST_SCHEDULES = 10_000;
  private static final long RANDOM_RUNS = 2_000;

  @TempDir Path classes;

  /**
   * A program, and the same in plain Java.
   *
   * @param name of its file
   */
  private record Twin(String name, Class<? extends BindingProgram> java) {}

  private static final Twin VM_CLOSE = new Twin("vm-close", Bindings.VmClose.class);

  private static final List<Twin> OTHERS =
      List.of(
          new Twin("hang-up", Bindings.HangUp.class),
          new Twin("both-ends", Bindings.BothEnds.class),
          new Twin("two-signals", Bindings.TwoSignals.class),
          new Twin("all-three", Bindings.AllThree.class));

  /** A defect, and its program in plain Java. */
  private record Broken(Defect defect, Class<? extends BindingProgram> java) {}

  // Without no-grace-period, which Lincheck does not come to in ten minutes.
  private static final List<Broken> BROKEN =
      List.of(
          new Broken(Defect.NO_FLUSH, Bindings.HangUpWithoutFlush.class),
          new Broken(Defect.DOUBLE_TEARDOWN, Bindings.BothEndsTornDownTwice.class),
          new Broken(Defect.LOSER_DOES_NOT_WAIT, Bindings.BothEndsWithoutWaiting.class));

  /** And one for which it is no choice when deferred work begins does: the comparison can fail. */
  @Test
  void anExplorationMissesNoOutcomeOfASignalAgainstTheVmClose() throws Exception {
    Set<String> seen = assertCovers(VM_CLOSE);

    Set<String> blind = explored(VM_CLOSE.name(), new Hasty(), RANDOM_RUNS);
    assertThat(blind.containsAll(seen)).as("%s when work begins at once", blind).isFalse();
  }

  @TestFactory
  @EnabledIfSystemProperty(named = "virq.proof", matches = "true", disabledReason = LONG)
  Stream<DynamicTest> anExplorationMissesNoOutcome() {
    return OTHERS.stream().map(twin -> dynamicTest(twin.name(), () -> assertCovers(twin)));
  }

  @TestFactory
  @EnabledIfSystemProperty(named = "virq.proof", matches = "true", disabledReason = LONG)
  Stream<DynamicTest> bothFindADefect() {
    return BROKEN.stream()
        .map(broken ->
            dynamicTest(
                broken.defect().word(),
                () -> {
                  BrokenClasses.readable(classes);
                  LincheckRun run = LincheckRun.of(classes, broken.java(), DEFECT_INVOCATIONS);
                  assertThat(run.found()).as("Lincheck noticed nothing").isTrue();
                  assertThat(run.output()).doesNotContain("has hung");
                  String program = broken.defect().program().replace(".virq", "");
                  assertThat(
                          explore(
                                  program,
                                  broken.defect(),
                                  Search.PCT.strategy(0, 3, 0),
                                  RANDOM_RUNS)
                              .failures())
                      .isNotEmpty();
                }));
  }

  /** Without a choice: work that was deferred goes on before what deferred it. */
  private static final class Hasty implements Strategy {
    /** Of the setup and of the two actors. */
    private static final int OTHERS = 3;

    private final Strategy choices = new DepthFirst(PREEMPTIONS);

    @Override
    public boolean begin(long run) {
      return choices.begin(run);
    }

    @Override
    public int choose(Moment moment) {
      for (int place = 0; place < moment.size(); place++) {
        if (moment.thread(place) >= OTHERS) {
          return place;
        }
      }
      return choices.choose(moment);
    }
  }

  /** Returns what Lincheck saw. */
  private Set<String> assertCovers(Twin twin) throws Exception {
    BrokenClasses.readable(classes);
    LincheckRun run = LincheckRun.of(classes, twin.java(), INVOCATIONS);
    assertThat(run.found()).as(run.output()).isFalse();
    Set<String> seen = run.outcomes().keySet();
    Set<String> explored =
        new TreeSet<>(
            explored(twin.name(), Search.EXHAUSTIVE.strategy(0, 1, PREEMPTIONS), MOST_SCHEDULES));
    explored.addAll(explored(twin.name(), Search.PCT.strategy(0, 3, 0), RANDOM_RUNS));
    report(twin, run, explored);
    assertThat(seen).isNotEmpty();
    assertThat(explored).as("what Lincheck sees").containsAll(seen);
    return seen;
  }

  private static Set<String> explored(String program, Strategy strategy, long runs)
      throws Exception {
    Exploration.Verdict verdict = explore(program, null, strategy, runs);
    assertThat(verdict.failures()).isEmpty();
    return verdict.rows().stream().map(Exploration.Row::outcome).collect(Collectors.toSet());
  }

  private static Exploration.Verdict explore(
      String program, @Nullable Defect defect, Strategy strategy, long runs) throws Exception {
    String text = Files.readString(Path.of("src/docs/programs", program + ".virq"));
    Exploration exploration = new Exploration(ProgramText.parse(text), defect, "test");
    FutureTask<Exploration.Verdict> task =
        new FutureTask<>(() ->
            exploration.explore(
                new Exploration.Plan(strategy, 0, runs, defect != null), _ -> {}, () -> true));
    // On a virtual thread: handing over to others is cheap there.
    Workers.virtual("test").execute(task);
    return task.get();
  }

  private static void report(Twin twin, LincheckRun run, Set<String> explored) throws IOException {
    Path file = Path.of("target/lincheck", twin.name() + ".txt");
    Path _ = Files.createDirectories(file.getParent());
    Path _ =
        Files.writeString(
            file, "Lincheck: %s%nexploration: %s%n".formatted(run.outcomes(), explored));
  }
}
