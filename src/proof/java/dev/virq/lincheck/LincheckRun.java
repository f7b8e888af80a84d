package dev.virq.lincheck;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

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
    Path output = Files.createTempFile("lincheck", ".txt");
    String own =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx512m",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+EnableDynamicAgentLoading",
                    "-cp",
                    classes + File.pathSeparator + own,
                    LincheckMain.class.getName(),
                    program,
                    Integer.toString(invocations)))
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
