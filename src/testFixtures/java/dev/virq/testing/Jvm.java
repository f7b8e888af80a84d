package dev.virq.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A main class run in a JVM of its own, with a heap of its own. */
public final class Jvm {
  private Jvm() {}

  /**
   * Runs it to its end, which has to be a good one.
   *
   * @param heap such as -Xmx512m
   * @return what it printed
   */
  public static String run(String heap, Class<?> main, String... args)
      throws IOException, InterruptedException {
    return run(List.of(heap), main, args);
  }

  /** As above, with any options of the virtual machine. */
  public static String run(List<String> options, Class<?> main, String... args)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                // What is dead is gone after a collection, not left as filler.
                "-XX:MarkSweepAlwaysCompactCount=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path"))));
    command.addAll(options);
    command.add(main.getName());
    command.addAll(List.of(args));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();

    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();

    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }
}
