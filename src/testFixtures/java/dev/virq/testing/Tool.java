package dev.virq.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs the tools of other languages to their ends.
 *
 * @param directory where it runs
 * @param log all it says, errors included
 * @param environment variables in addition to this process's
 */
public record Tool(Path directory, Path log, Map<String, String> environment) {
  /**
   * How it ended.
   *
   * @param status 0 when it succeeded
   * @param output all it said
   */
  public record Result(int status, String output) {}

  /** Whether a command is there and ends well. */
  public static boolean exists(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** What a run says that ends well. */
  public String succeed(List<String> command) throws IOException, InterruptedException {
    Result result = run(command);
    assertThat(result.status()).as("%s said:\n%s", command, result.output()).isZero();
    return result.output();
  }

  /** Runs it; only a hang fails. Variables of the helpers that this process has are left out. */
  public Result run(List<String> command) throws IOException, InterruptedException {
    Path _ = Files.createDirectories(log.getParent());
    ProcessBuilder builder =
        new ProcessBuilder(new ArrayList<>(command))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("VIRQ_"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      // Only a hang takes as long.
      boolean ended = process.waitFor(8, TimeUnit.MINUTES);
      String output = Files.readString(log);
      assertThat(ended).as("%s ended:\n%s", command, output).isTrue();
      return new Result(process.exitValue(), output);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
