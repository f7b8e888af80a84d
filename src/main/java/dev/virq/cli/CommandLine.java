package dev.virq.cli;

import dev.virq.defect.Defect;
import dev.virq.script.Verb;
import dev.virq.script.Verbs;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;

/**
 * What the arguments ask for. Answers and results go to standard output, complaints to standard
 * error.
 */
public final class CommandLine {
  /** Done. */
  static final int OK = 0;

  /** The script was stopped before its end. */
  static final int STOPPED = 1;

  /** Not understood: the arguments, or a line of the script. */
  static final int MISUSED = 2;

  private static final String USAGE =
      """
      virq simulates the interrupt controllers of a virtual machine, as in KVM, behind an HTTP API.

      Usage: java -jar virq.jar [COMMAND]

        serve [--NAME=VALUE...]  serve the API until SIGTERM; this is what happens without a command
        run SCRIPT               run a script without a server; - reads it from standard input
        train [--NAME=VALUE...]  serve, send itself requests of every kind, and end: for an AOT cache
        explore PROGRAM [...]    play a concurrent program under many schedules, without a server
        operations               list the operations of the script language
        help, --help, -h         show this
        version, --version       show the version

      Settings are given as arguments (--virq.workers=8, --server.port=9090) or in the environment
      (VIRQ_WORKERS=8, SERVER_PORT=9090). --virq.init=FILE fills sandboxes before the server is ready.

      run writes one JSON object an operation to standard output, a refused operation too. Its exit
      code is 0 when the script ran to its end, 1 when it was stopped, and 2 when a line is no
      operation or the file cannot be read; the reason is on standard error.

      explore counts the outcomes of a program and keeps for each a schedule that brings it back:
        --strategy RANDOM|PCT|POS|EXHAUSTIVE   how schedules are searched (PCT)
        --runs N  --seconds N                  how many at most (10000), for how long (600)
        --seed N  --stop-on-first              from where (0); whether a violation ends it
        --depth N  --preemptions N             of PCT (3), of EXHAUSTIVE (any number)
        --defect NAME                          take a precaution of the protocol away:
                                                 DEFECTS
        --replay SCHEDULE                      play one schedule, and show every step
        --json                                 one JSON object a line
      Its exit code is 0 when no expectation was violated, 1 when one was, and 2 as above.
      """;

  /** As far to the right as the defects stand in the usage. */
  private static final String DEFECTS_AT = " ".repeat(43);

  private final InputStream in;
  private final PrintStream out;
  private final PrintStream err;

  private CommandLine(InputStream in, PrintStream out, PrintStream err) {
    this.in = in;
    this.out = out;
    this.err = err;
  }

  /** A command line with these standard streams. */
  public static CommandLine of(InputStream in, PrintStream out, PrintStream err) {
    return new CommandLine(in, out, err);
  }

  /**
   * Does what the arguments say.
   *
   * @param serve starts the server with the arguments that are settings
   * @param train does so for a training run
   * @return the exit code; 0 as well when a server now runs
   */
  public int run(String[] arguments, Consumer<String[]> serve, Consumer<String[]> train) {
    List<String> words = List.of(arguments);
    String first = words.isEmpty() ? "serve" : words.getFirst();
    if (words.contains("--help") || words.contains("-h") || first.equals("help")) {
      out.print(USAGE.replace("DEFECTS", String.join("\n" + DEFECTS_AT, Defect.words())));
      return OK;
    }
    if (words.contains("--version") || first.equals("version")) {
      out.println("virq " + version());
      return OK;
    }
    return switch (first) {
      case "run" -> script(words.subList(1, words.size()));
      case "explore" ->
          new ExploreCommand(in, out, err, version(), System::nanoTime)
              .run(words.subList(1, words.size()));
      case "operations" -> operations(words.subList(1, words.size()));
      case "train" -> serve(rest(words), train);
      default -> serve(first.equals("serve") ? rest(words) : words, serve);
    };
  }

  private static List<String> rest(List<String> words) {
    return words.isEmpty() ? words : words.subList(1, words.size());
  }

  private int serve(List<String> settings, Consumer<String[]> serve) {
    for (String setting : settings) {
      if (!setting.startsWith("--")) {
        return misused(
            "\"%s\" is neither a command nor a setting; a setting is written --virq.workers=8"
                .formatted(setting));
      }
    }
    serve.accept(settings.toArray(String[]::new));
    return OK;
  }

  private int script(List<String> words) {
    if (words.size() != 1) {
      return misused("run takes one script, or - for standard input");
    }
    return new ScriptCommand(in, out, err).run(words.getFirst());
  }

  private int operations(List<String> words) {
    if (!words.isEmpty()) {
      return misused("operations takes no argument");
    }
    int width = Verbs.all().stream().mapToInt(verb -> verb.synopsis().length()).max().orElse(0);
    for (Verb verb : Verbs.all()) {
      String padding = " ".repeat(width - verb.synopsis().length());
      out.println(verb.synopsis() + padding + "  " + verb.help());
    }
    return OK;
  }

  private int misused(String sentence) {
    err.println("virq: " + sentence);
    err.println("virq: see --help");
    return MISUSED;
  }

  private static String version() {
    Properties build = new Properties();
    try (InputStream file =
        CommandLine.class.getResourceAsStream("/META-INF/build-info.properties")) {
      if (file != null) {
        build.load(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return build.getProperty("build.version", "unknown");
  }
}
