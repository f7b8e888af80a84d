package dev.virq.explore;

import dev.virq.defect.Defect;
import dev.virq.schedule.Schedule;
import dev.virq.workqueue.Workers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Plays schedules in a process of its own, and writes a line for each: the schedule, and a digest
 * of everything that happened.
 *
 * <p>{@code record PROGRAM RUNS OUT} takes schedules of all random strategies, {@code replay
 * PROGRAM LINES OUT} those of an earlier output, {@code deadlocked PROGRAM TIMES OUT} one that
 * deadlocks, again and again. Properties: {@code busy=true} keeps all processors busy meanwhile,
 * {@code planted=true} lets the digest depend on the process, {@code defect=NAME} takes a
 * precaution away.
 */
final class ReplayMain {
  private static final List<Search> RANDOM = List.of(Search.RANDOM, Search.PCT, Search.POS);
  private static final int DEPTH = 3;
  private static final int SEARCHED = 1_000;

  private ReplayMain() {}

  /** As the class says. */
  public static void main(String[] args) throws Exception {
    Exploration exploration =
        new Exploration(
            ProgramText.parse(Files.readString(Path.of(args[1]))),
            Defect.find(System.getProperty("defect", "")),
            "test");
    if (Boolean.getBoolean("busy")) {
      for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
        Thread _ = Thread.ofPlatform().daemon().start(ReplayMain::spin);
      }
    }
    FutureTask<List<String>> lines =
        new FutureTask<>(() ->
            switch (args[0]) {
              case "record" -> recorded(exploration, Integer.parseInt(args[2]));
              case "deadlocked" -> deadlocked(exploration, Integer.parseInt(args[2]));
              default -> replayed(exploration, Files.readAllLines(Path.of(args[2])));
            });
    Workers.virtual("play").execute(lines);
    Path _ = Files.write(Path.of(args[3]), lines.get());
  }

  private static void spin() {
    while (true) {
      Thread.onSpinWait();
    }
  }

  private static List<String> recorded(Exploration exploration, int runs) throws Exception {
    List<String> lines = new ArrayList<>();
    for (int run = 0; run < runs; run++) {
      Search search = RANDOM.get(run % RANDOM.size());
      Exploration.Verdict verdict =
          exploration.explore(
              new Exploration.Plan(search.strategy(run, DEPTH, 0), run, 1, false),
              _ -> {},
              () -> true);
      lines.add(line(exploration.replay(verdict.rows().getFirst().schedule())));
    }
    return lines;
  }

  private static List<String> replayed(Exploration exploration, List<String> given)
      throws Exception {
    List<String> lines = new ArrayList<>();
    for (String line : given) {
      lines.add(line(exploration.replay(Schedule.parse(line.split(" ", 2)[0]))));
    }
    return lines;
  }

  /** Of many schedules the one in which most threads wait for each other. */
  private static List<String> deadlocked(Exploration exploration, int times) throws Exception {
    Schedule worst = null;
    int most = 0;
    for (int seed = 0; seed < SEARCHED; seed++) {
      AtomicBoolean played = new AtomicBoolean();
      List<Exploration.Failure> failures =
          exploration
              .explore(
                  new Exploration.Plan(Search.RANDOM.strategy(seed, DEPTH, 0), seed, 1, true),
                  _ -> played.set(true),
                  // So that it is not made simple.
                  () -> !played.get())
              .failures();
      if (!failures.isEmpty()) {
        int threads = failures.getFirst().reports().getFirst().sentence().split("; ").length;
        if (threads > most) {
          most = threads;
          worst = failures.getFirst().schedule();
        }
      }
    }
    List<String> lines = new ArrayList<>();
    for (int time = 0; time < times; time++) {
      lines.add(line(exploration.replay(worst)));
    }
    return lines;
  }

  private static String line(Exploration.Replayed replayed) throws Exception {
    String all =
        String.join("\n", replayed.violated())
            + replayed.reports()
            + replayed.outcome()
            + "\n"
            + String.join("\n", replayed.story());
    if (Boolean.getBoolean("planted")) {
      all += ProcessHandle.current().pid();
    }
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8));
    return replayed.schedule() + " " + HexFormat.of().formatHex(digest);
  }
}
