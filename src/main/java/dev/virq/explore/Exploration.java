package dev.virq.explore;

import dev.virq.defect.Defect;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.protocol.Protocol;
import dev.virq.schedule.DepthFirst;
import dev.virq.schedule.Replay;
import dev.virq.schedule.Schedule;
import dev.virq.schedule.Strategy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Plays a program under many schedules, counts its outcomes, and keeps for each outcome and for
 * each violated expectation the schedule that brings it back.
 *
 * <p>Runs on the calling thread, best a virtual one, and takes turns with the threads that it
 * plays. What it keeps is bounded, whatever the number of runs.
 */
public final class Exploration {
  /** Most runs. */
  public static final long MOST_RUNS = 1_000_000;

  /** Outcomes that are told apart; what comes after them is counted together. */
  private static final int MOST_OUTCOMES = 256;

  /** Schedules tried for a violation with fewer preemptions, for each number of them. */
  private static final int MOST_SEARCHED = 2_000;

  /** Choices that are kept for outcomes, in all; what comes after them is counted together. */
  private static final int MOST_CHOICES = 1 << 18;

  /** Lines of the stories of all violations; the further ones are left out. */
  private static final int MOST_LINES = 40_000;

  private static final String OTHERS = "(others)";

  private static final String MANY_STEPS =
      "left out: the other violations have many steps; replay the schedule";
  private static final String NO_TIME =
      "left out: it was ended before this run could be played again; replay the schedule";

  /**
   * One outcome.
   *
   * @param outcome what was observed, as one line
   * @param count how many runs had it
   * @param firstSeed what the strategy's seed has to be so that run 0 has it; null for a strategy
   *     that has none
   * @param schedule of the first of them
   */
  public record Row(String outcome, long count, @Nullable Long firstSeed, Schedule schedule) {}

  /**
   * One expectation that did not hold.
   *
   * @param expectation which
   * @param count how many runs violated it
   * @param firstSeed as in a row
   * @param schedule of the first of them
   * @param minimal the same with as few preemptions as could be found
   */
  public record Failure(
      String expectation,
      long count,
      @Nullable Long firstSeed,
      Schedule schedule,
      Replayed minimal) {

    /** What the simplest run reports that this expectation is about. */
    public List<Report> reports() {
      return minimal.reports().stream()
          .filter(report -> expectation.equals(report.expectation()))
          .toList();
    }
  }

  /**
   * One run that was watched closely.
   *
   * @param schedule the choices that it had
   * @param preemptions how often a thread that could have gone on did not
   * @param outcome what was observed
   * @param violated the expectations that did not hold
   * @param reports what must never happen, and did
   * @param story who did what, in order
   */
  public record Replayed(
      Schedule schedule,
      int preemptions,
      String outcome,
      List<String> violated,
      List<Report> reports,
      List<String> story) {

    /** The same without its story, which the schedule brings back; why instead of it. */
    Replayed untold(String why) {
      return new Replayed(schedule, preemptions, outcome, violated, reports, List.of(why));
    }
  }

  /**
   * How far it is.
   *
   * @param runs played so far
   * @param outcomes different ones
   * @param schedules different ones, exactly up to 65,536
   * @param elapsedNanos since the beginning
   */
  public record Progress(long runs, int outcomes, int schedules, long elapsedNanos) {}

  /**
   * What it came to.
   *
   * @param progress at the end
   * @param exhausted whether no schedule was left out, of those that the strategy tries
   * @param cut whether there are others, with more preemptions than it tries
   * @param rows most frequent first
   * @param failures in the order of their finding
   */
  public record Verdict(
      Progress progress, boolean exhausted, boolean cut, List<Row> rows, List<Failure> failures) {

    /**
     * Whether it ended before it had done what the plan says. Not when only making a violation
     * simple was ended.
     */
    public boolean endedEarly(Plan plan) {
      boolean asked = plan.stopOnFirst() && !failures.isEmpty();
      return progress.runs() < plan.runs() && !exhausted && !asked;
    }
  }

  /**
   * What to do.
   *
   * @param strategy decides
   * @param seed what the strategy was made with, if it has one
   * @param runs how many at most
   * @param stopOnFirst whether the first violation ends it
   */
  public record Plan(Strategy strategy, long seed, long runs, boolean stopOnFirst) {}

  /** A counted outcome or violation. */
  private static final class Tally {
    final long run;
    final int[] choices;
    long count;

    Tally(long run, int[] choices) {
      this.run = run;
      this.choices = choices;
    }
  }

  /** A counted violation, and the first run that had it. */
  private record Violation(Tally tally, Played first) {}

  private final Program program;
  private final Protocol protocol;
  private final String checksum;

  /** Asked while a single schedule takes long. */
  private final BooleanSupplier goesOn;

  /**
   * Of a program.
   *
   * @param defect switched on, or null
   * @param version of virq, which schedules are bound to
   */
  public Exploration(Program program, @Nullable Defect defect, String version) {
    this(
        program,
        Defect.protocol(defect),
        program.checksum(version, defect == null ? List.of() : List.of(defect.word())),
        () -> true);
  }

  private Exploration(Program program, Protocol protocol, String checksum, BooleanSupplier goesOn) {
    this.program = program;
    this.protocol = protocol;
    this.checksum = checksum;
    this.goesOn = goesOn;
  }

  /**
   * The same, whose single schedules can be ended.
   *
   * @param check called every now and then while one takes long; what it throws ends it and is
   *     thrown
   */
  public Exploration checking(Runnable check) {
    return new Exploration(
        program,
        protocol,
        checksum,
        () -> {
          check.run();
          return true;
        });
  }

  /**
   * Explores.
   *
   * @param progress told every now and then, after a run
   * @param goesOn asked before every run, also of those that make a violation simple, and every now
   *     and then while one takes long; a run that it ends is not counted
   */
  public Verdict explore(Plan plan, Consumer<Progress> progress, BooleanSupplier goesOn) {
    long start = System.nanoTime();
    Strategy first = Replay.unpreempted();
    boolean _ = first.begin(0);
    Played unpreempted = Play.once(program, first, protocol, false, goesOn);
    plan.strategy().expect(unpreempted == null ? 0 : unpreempted.choices().length);
    Map<String, Tally> outcomes = new LinkedHashMap<>();
    Map<String, Violation> violations = new LinkedHashMap<>();
    Fingerprints schedules = new Fingerprints();
    long run = 0;
    int kept = 0;
    boolean toTheEnd = true;
    while (unpreempted != null
        && run < plan.runs()
        && (violations.isEmpty() || !plan.stopOnFirst())
        && goesOn.getAsBoolean()
        && plan.strategy().begin(run)) {
      Played played = Play.once(program, plan.strategy(), protocol, false, goesOn);
      if (played == null) {
        break;
      }
      // What lay behind the place where it was given up is not tried again.
      toTheEnd &= played.reports().stream().noneMatch(report -> report.kind() == Report.Kind.STUCK);
      schedules.add(played.choices());
      boolean fresh = !outcomes.containsKey(played.outcome());
      boolean full = fresh && (outcomes.size() >= MOST_OUTCOMES || kept >= MOST_CHOICES);
      kept += fresh && !full ? played.choices().length : 0;
      count(outcomes, full ? OTHERS : played.outcome(), run, played);
      for (String expectation : played.violated()) {
        countViolation(violations, expectation, run, played);
      }
      run++;
      progress.accept(
          new Progress(run, outcomes.size(), schedules.size(), System.nanoTime() - start));
    }
    List<Failure> failures = new ArrayList<>();
    int lines = 0;
    for (Map.Entry<String, Violation> violation : violations.entrySet()) {
      Tally tally = violation.getValue().tally();
      Replayed minimal = minimal(violation.getKey(), violation.getValue().first(), goesOn);
      lines += minimal.story().size();
      failures.add(
          new Failure(
              violation.getKey(),
              tally.count,
              seedOf(plan, tally),
              new Schedule(checksum, tally.choices),
              lines > MOST_LINES ? minimal.untold(MANY_STEPS) : minimal));
    }
    return new Verdict(
        new Progress(run, outcomes.size(), schedules.size(), System.nanoTime() - start),
        toTheEnd && plan.strategy().exhausted(),
        plan.strategy().isCut(),
        rows(outcomes, plan),
        failures);
  }

  /**
   * Plays one schedule, watched closely.
   *
   * @throws ErrnoException EINVAL when it is of another program or version, or does not fit
   */
  public Replayed replay(Schedule schedule) {
    return replayed(fitting(schedule));
  }

  /**
   * As the other one; and once it is known that the schedule fits, plays it again for a log.
   *
   * @param log for its events
   */
  public Replayed replay(Schedule schedule, RunLog log) {
    Played _ = fitting(schedule);
    return replayed(recorded(schedule.choices(), log));
  }

  private Played fitting(Schedule schedule) {
    if (!schedule.checksum().equals(checksum)) {
      throw new ErrnoException(
          Errno.EINVAL,
          "the schedule was made for %s, and this program, with its defects and this version of"
                  .formatted(schedule.checksum())
              + " virq, is "
              + checksum);
    }
    Played played = single(play(schedule.choices(), true, goesOn));
    if (!played.fits()) {
      throw new ErrnoException(
          Errno.EINVAL, "the schedule has a choice that the program does not have");
    }
    return played;
  }

  /** Plays the schedule in which no thread is preempted, watched closely. */
  public Replayed unpreempted() {
    return replayed(single(play(new int[0], true, goesOn)));
  }

  /**
   * As the other one.
   *
   * @param log for its events
   */
  public Replayed unpreempted(RunLog log) {
    return replayed(recorded(new int[0], log));
  }

  /** A run that nothing but an exception ends. */
  private static Played single(@Nullable Played played) {
    if (played == null) {
      throw new IllegalStateException("a single schedule was stopped");
    }
    return played;
  }

  /** The schedule with the fewest preemptions that a short search finds. */
  private Replayed minimal(String expectation, Played found, BooleanSupplier goesOn) {
    Shrinking shrinking =
        new Shrinking(
            candidate -> {
              Played played = play(candidate, false, goesOn);
              return played != null && played.violated().contains(expectation) ? played : null;
            },
            goesOn);
    Played best = shrinking.shrink(found);
    for (int preemptions = 0; preemptions < best.preemptions(); preemptions++) {
      Played fewer = search(expectation, preemptions, goesOn);
      if (fewer != null) {
        best = shrinking.shrink(fewer);
      }
    }
    Played told = play(best.choices(), true, goesOn);
    return told == null ? replayed(best).untold(NO_TIME) : replayed(told);
  }

  private @Nullable Played search(String expectation, int preemptions, BooleanSupplier goesOn) {
    DepthFirst search = new DepthFirst(preemptions);
    for (int run = 0; run < MOST_SEARCHED && goesOn.getAsBoolean() && search.begin(run); run++) {
      Played played = Play.once(program, search, protocol, false, goesOn);
      if (played == null) {
        return null;
      }
      if (played.violated().contains(expectation)) {
        return played;
      }
    }
    return null;
  }

  private @Nullable Played play(int[] choices, boolean detailed, BooleanSupplier goesOn) {
    Replay replay = new Replay(choices);
    boolean _ = replay.begin(0);
    return Play.once(program, replay, protocol, detailed, goesOn);
  }

  private Played recorded(int[] choices, RunLog log) {
    Replay replay = new Replay(choices);
    boolean _ = replay.begin(0);
    return single(Play.recorded(program, replay, protocol, log, goesOn));
  }

  private Replayed replayed(Played played) {
    return new Replayed(
        new Schedule(checksum, played.choices()),
        played.preemptions(),
        played.outcome(),
        played.violated(),
        played.reports(),
        played.story());
  }

  private static void countViolation(
      Map<String, Violation> violations, String expectation, long run, Played played) {
    violations
        .computeIfAbsent(expectation, _ -> new Violation(new Tally(run, played.choices()), played))
        .tally()
        .count++;
  }

  private static void count(Map<String, Tally> tallies, String key, long run, Played played) {
    tallies.computeIfAbsent(key, _ -> new Tally(run, played.choices())).count++;
  }

  /** What the seed has to be so that run 0 is that one; null where it means nothing. */
  private static @Nullable Long seedOf(Plan plan, Tally tally) {
    return plan.strategy().isSeeded() ? plan.seed() + tally.run : null;
  }

  private List<Row> rows(Map<String, Tally> outcomes, Plan plan) {
    List<Row> rows = new ArrayList<>();
    outcomes.forEach((outcome, tally) ->
        rows.add(
            new Row(
                outcome, tally.count, seedOf(plan, tally), new Schedule(checksum, tally.choices))));
    rows.sort(Comparator.comparingLong(Row::count).reversed());
    return rows;
  }
}
