package dev.virq.cli;

import com.google.errorprone.annotations.FormatMethod;
import dev.virq.defect.Defect;
import dev.virq.errno.ErrnoException;
import dev.virq.explore.Exploration;
import dev.virq.explore.Members;
import dev.virq.explore.Program;
import dev.virq.explore.ProgramText;
import dev.virq.explore.Report;
import dev.virq.explore.Search;
import dev.virq.schedule.Schedule;
import dev.virq.workqueue.Workers;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Explores one program, or replays one schedule of it, and shows what it came to. */
final class ExploreCommand {
  /** An expectation was violated. */
  static final int VIOLATED = 1;

  /** The threads of a run take turns: on one processor, handing over is cheap. */
  private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";

  private static final int DEPTH = 3;
  private static final long MOST_SECONDS = 86_400;

  /** A program of the greatest length has no more, whatever its characters. */
  private static final int MOST_BYTES = 3 * ProgramText.LONGEST;

  private final InputStream in;
  private final PrintStream out;
  private final PrintStream err;
  private final String version;
  private final LongSupplier nanoTime;

  private String file = "";
  private Search search = Search.PCT;
  private @Nullable Integer depth;
  private @Nullable Integer preemptions;
  private long seed;
  private long runs = 10_000;
  private long seconds = 600;
  private boolean stopOnFirst;
  private boolean json;
  private @Nullable Defect defect;
  private @Nullable Schedule replay;

  /**
   * With these standard streams.
   *
   * @param version of virq, which schedules are bound to
   * @param nanoTime a clock that only goes forward, in nanoseconds
   */
  ExploreCommand(
      InputStream in, PrintStream out, PrintStream err, String version, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.in = in;
    this.out = out;
    this.err = err;
    this.version = version;
  }

  /** Does what the words say; the exit code. */
  int run(List<String> words) {
    try {
      read(words);
      Program program = ProgramText.parse(TextFile.read(in, file, MOST_BYTES));
      Exploration exploration = new Exploration(program, defect, version);
      return onVirtualThread(exploration);
    } catch (ErrnoException e) {
      return refused(name(), e.sentence());
    } catch (IllegalArgumentException e) {
      return refused("explore", String.valueOf(e.getMessage()));
    } catch (CharacterCodingException e) {
      return refused(name(), "is not UTF-8");
    } catch (NoSuchFileException e) {
      return refused(name(), "there is no such file");
    } catch (IOException e) {
      return refused(name(), String.valueOf(e.getMessage()));
    } finally {
      out.flush();
    }
  }

  private String name() {
    return file.equals("-") ? "standard input" : file;
  }

  private int refused(String what, String why) {
    err.println("virq: " + what + ": " + why);
    return CommandLine.MISUSED;
  }

  // ---- the arguments

  private void read(List<String> words) {
    for (int at = 0; at < words.size(); at++) {
      String word = words.get(at);
      switch (word) {
        case "--stop-on-first" -> stopOnFirst = true;
        case "--json" -> json = true;
        case "--strategy",
            "--depth",
            "--preemptions",
            "--seed",
            "--runs",
            "--seconds",
            "--defect",
            "--replay" ->
            set(word, ++at < words.size() ? words.get(at) : "");
        default -> {
          if (word.startsWith("--") || !file.isEmpty()) {
            throw new IllegalArgumentException(
                "\"%s\" is none of its arguments; see --help".formatted(word));
          }
          file = word;
        }
      }
    }
    requireStrategy("--depth", depth, Search.PCT);
    requireStrategy("--preemptions", preemptions, Search.EXHAUSTIVE);
    if (file.isEmpty()) {
      throw new IllegalArgumentException("takes one program, or - for standard input");
    }
  }

  /** An option that would have no effect is a mistake. */
  private void requireStrategy(String option, @Nullable Integer value, Search of) {
    if (value != null && search != of) {
      throw new IllegalArgumentException(
          "%s is for --strategy %s, and the strategy is %s".formatted(option, of, search));
    }
  }

  private void set(String option, String value) {
    switch (option) {
      case "--strategy" -> {
        Search found = Search.find(value);
        if (found == null) {
          throw refusal(option, value, List.of(Search.values()));
        }
        search = found;
      }
      case "--defect" -> {
        Defect found = Defect.find(value);
        if (found == null) {
          throw refusal(option, value, Defect.words());
        }
        defect = found;
      }
      case "--replay" -> replay = Schedule.parse(value);
      case "--depth" -> depth = (int) number(option, value, 1, Search.DEEPEST);
      case "--preemptions" -> preemptions = (int) number(option, value, 0, Integer.MAX_VALUE);
      case "--runs" -> runs = number(option, value, 1, Exploration.MOST_RUNS);
      case "--seconds" -> seconds = number(option, value, 1, MOST_SECONDS);
      default -> seed = number(option, value, Long.MIN_VALUE, Long.MAX_VALUE);
    }
  }

  private static IllegalArgumentException refusal(String option, String value, List<?> allowed) {
    return new IllegalArgumentException(
        "%s \"%s\" is none of %s".formatted(option, value, allowed));
  }

  private static long number(String option, String value, long least, long most) {
    try {
      long number = Long.parseLong(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // As for one that is out of range.
    }
    throw new IllegalArgumentException(
        "%s \"%s\" is outside %d..%d".formatted(option, value, least, most));
  }

  // ---- the work

  private int onVirtualThread(Exploration exploration) {
    if (System.getProperty(CARRIERS) == null) {
      System.setProperty(CARRIERS, "1");
    }
    FutureTask<Integer> work = new FutureTask<>(() -> work(exploration));
    Workers.virtual("explore").execute(work);
    try {
      return work.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ErrnoException refusal) {
        throw refusal;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("interrupted", e));
    }
  }

  private int work(Exploration exploration) {
    Schedule given = replay;
    if (given != null) {
      Exploration.Replayed replayed = exploration.replay(given);
      show(replayed);
      return replayed.violated().isEmpty() ? CommandLine.OK : VIOLATED;
    }
    int deep = depth == null ? DEPTH : depth;
    int most = preemptions == null ? Integer.MAX_VALUE : preemptions;
    long end = nanoTime.getAsLong() + TimeUnit.SECONDS.toNanos(seconds);
    Exploration.Plan plan =
        new Exploration.Plan(search.strategy(seed, deep, most), seed, runs, stopOnFirst);
    Exploration.Verdict verdict =
        exploration.explore(plan, _ -> {}, () -> nanoTime.getAsLong() - end < 0);
    show(verdict, verdict.endedEarly(plan));
    return verdict.failures().isEmpty() ? CommandLine.OK : VIOLATED;
  }

  private void show(Exploration.Verdict verdict, boolean outOfTime) {
    if (json) {
      verdict.rows().forEach(row -> line(Members.of(row)));
      verdict.failures().forEach(failure -> line(Members.of(failure)));
      line(Members.of(verdict, outOfTime ? "timeout" : null));
      return;
    }
    Exploration.Progress progress = verdict.progress();
    Defect without = defect;
    if (without != null) {
      print("%s: %s. %s.", without.word(), without.what(), without.source());
    }
    print(
        "%s%s: %,d runs, %s%s, %,d outcomes",
        search,
        search == Search.EXHAUSTIVE ? "" : ", seed " + seed,
        progress.runs(),
        verdict.exhausted()
            ? "all schedules"
            : String.format(Locale.ROOT, "%,d schedules", progress.schedules()),
        preemptions == null ? "" : " with at most " + preemptions + " preemptions",
        verdict.rows().size());
    print("%10s  %s", "runs", "outcome");
    for (Exploration.Row row : verdict.rows()) {
      print("%,10d  %s", row.count(), row.outcome());
      print("%10s  %s", "", row.schedule());
    }
    verdict.failures().forEach(this::show);
    if (outOfTime) {
      print("stopped after %,d of %,d runs: %,d seconds were over", progress.runs(), runs, seconds);
    }
    print("%s", verdict.failures().isEmpty() ? "no expectation was violated" : "violated");
  }

  private void show(Exploration.Failure failure) {
    print("");
    print("%s: violated in %,d runs", failure.expectation(), failure.count());
    print("  first     %s", failure.schedule());
    print(
        "  simplest  %s, preemptions: %d",
        failure.minimal().schedule(), failure.minimal().preemptions());
    Defect without = defect;
    print(
        "  again     java -jar virq.jar explore %s%s --replay %s",
        file, without == null ? "" : " --defect " + without.word(), failure.minimal().schedule());
    for (Report report : failure.reports()) {
      show(report);
    }
  }

  private void show(Exploration.Replayed replayed) {
    if (json) {
      line(Members.of(replayed));
      return;
    }
    replayed.story().forEach(step -> print("%s", step));
    print("%s", replayed.outcome());
    replayed.reports().forEach(this::show);
    for (String expectation : replayed.violated()) {
      print("violated: %s", expectation);
    }
  }

  private void show(Report report) {
    print("  %s: %s", report.kind().word(), report.sentence());
    show("used", report.used());
    show(report.kind() == Report.Kind.PUT_UNDER_READER ? "put" : "freed", report.freed());
  }

  private void show(String what, Report.@Nullable Place place) {
    if (place != null && !place.thread().isEmpty()) {
      print("    %-6sby %s at %s", what, place.thread(), place.at());
      for (String frame : place.stack()) {
        print("            %s", frame);
      }
    }
  }

  @FormatMethod
  private void print(String format, @Nullable Object... values) {
    out.print(String.format(Locale.ROOT, format, values) + "\n");
  }

  private void line(Map<String, @Nullable Object> members) {
    out.print(JsonMapper.shared().writeValueAsString(members) + "\n");
  }
}
