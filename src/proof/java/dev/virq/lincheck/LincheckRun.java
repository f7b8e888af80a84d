package dev.virq.lincheck;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * What one run of Lincheck came to.
 *
 * @param found whether it found an interleaving that goes wrong
 * @param output what it printed
 */
public record LincheckRun(boolean found, String output) {
  /** Lincheck gives an invocation up after a minute; a run ends long before this. */
  private static final long HUNG_MINUTES = 10;

  /**
   * Runs a program of {@link Scenarios}.
   *
   * @param classes what stands in front of the product's classes
   * @param program simple name of the class
   * @param invocations interleavings to try
   */
  public static LincheckRun of(Path classes, String program, int invocations)
      throws IOException, InterruptedException {
    return of(classes, Scenarios.class.getName() + "$" + program, List.of(), invocations);
  }

  /**
   * Runs a program of {@link Bindings}.
   *
   * @param directory where what it needs is written
   */
  static LincheckRun of(Path directory, Class<? extends BindingProgram> program, int invocations)
      throws IOException, InterruptedException {
    return of(
        directory,
        program.getName(),
        SeenFields.arguments(directory.resolve("patch")),
        invocations);
  }

  /** What the runs of a program of {@link Bindings} came to, each with how many did. */
  SortedMap<String, Long> outcomes() {
    return output
        .lines()
        .filter(line -> line.startsWith(BindingProgram.OUTCOME))
        .map(line -> line.substring(BindingProgram.OUTCOME.length()))
        .collect(Collectors.groupingBy(line -> line, TreeMap::new, Collectors.counting()));
  }

  private static LincheckRun of(
      Path classes, String program, List<String> arguments, int invocations)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile("lincheck", ".txt");
    String own =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+EnableDynamicAgentLoading"));
    command.addAll(arguments);
    command.addAll(
        List.of(
            "-cp",
            classes + File.pathSeparator + own,
            LincheckMain.class.getName(),
            program,
            Integer.toString(invocations)));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (!process.waitFor(HUNG_MINUTES, TimeUnit.MINUTES)) {
        throw new IOException(program + " hung: " + Files.readString(output));
      }
      int code = process.exitValue();
      if (code != 0 && code != LincheckMain.FOUND) {
        throw new IOException(program + " could not run: " + Files.readString(output));
      }
      return new LincheckRun(code == LincheckMain.FOUND, Files.readString(output));
    } finally {
      Process _ = process.destroyForcibly();
      Files.delete(output);
    }
  }
}
