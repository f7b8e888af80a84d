package dev.virq.testing;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs commands that may not be there. */
public final class Script {
  private Script() {}

  /**
   * What a command left behind.
   *
   * @param status 0 when it succeeded
   * @param output all it wrote, errors included
   */
  public record Result(int status, String output) {}

  /** Runs it to its end. Aborts the test, visibly, where there is no such command. */
  public static Result run(String... command) throws IOException, InterruptedException {
    Process process;
    try {
      process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
    } catch (IOException e) {
      return abort(
          "There is no %s on the PATH, so what needs it was not tried: %s"
              .formatted(command[0], e.getMessage()));
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }
}
