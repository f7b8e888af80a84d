package dev.virq.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one run of a Spin model came to.
 *
 * @param states states stored
 * @param errors violations found; Spin stops at the first
 * @param exhaustive whether every reachable state was visited
 * @param output all that the run printed
 */
record SpinRun(long states, int errors, boolean exhaustive, String output) {
  private static final Path MODELS = Path.of("src/proof/models");
  private static final Pattern STATES = Pattern.compile("(\\d+) states, stored");
  private static final Pattern ERRORS = Pattern.compile("errors: (\\d+)");

  /** Whether both programs that a run needs are installed. */
  static boolean installed() {
    return onPath("spin") && onPath("gcc");
  }

  /**
   * Generates, compiles and runs the checker of one model in a directory of its own.
   *
   * @param small whether few states are to be expected, so that compiling well is not worth while
   */
  static SpinRun of(String model, List<String> flags, boolean small)
      throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("spin");
    try {
      Files.copy(MODELS.resolve(model + ".pml"), directory.resolve("model.pml"));
      List<String> generate = new ArrayList<>(List.of("spin", "-a"));
      generate.addAll(flags);
      generate.add("model.pml");
      String generated = run(directory, generate);
      String compiled =
          run(
              directory,
              List.of("gcc", small ? "-O0" : "-O1", "-w", "-DSAFETY", "-o", "pan", "pan.c"));
      if (!Files.exists(directory.resolve("pan"))) {
        throw new IOException(model + " does not compile:\n" + generated + compiled);
      }
      return parse(run(directory, List.of("./pan", "-m100000")));
    } finally {
      try (var files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    }
  }

  private static SpinRun parse(String output) throws IOException {
    Matcher states = STATES.matcher(output);
    Matcher errors = ERRORS.matcher(output);
    if (!states.find() || !errors.find()) {
      throw new IOException("not the output of a Spin checker:\n" + output);
    }
    boolean whole =
        !output.contains("Search not completed")
            && !output.contains("max search depth too small")
            && !output.contains("out of memory");
    return new SpinRun(
        Long.parseLong(states.group(1)), Integer.parseInt(errors.group(1)), whole, output);
  }

  private static String run(Path directory, List<String> command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output.txt").toFile())
            .start();
    try {
      int _ = process.waitFor();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(directory.resolve("output.txt"));
  }

  private static boolean onPath(String program) {
    for (String entry : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      if (!entry.isEmpty() && Files.isExecutable(Path.of(entry, program))) {
        return true;
      }
    }
    return false;
  }
}
