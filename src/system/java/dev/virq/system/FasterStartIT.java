package dev.virq.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.Script;
import dev.virq.testing.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of start.md that make an AOT cache for the jar, and start from it. */
@Tag("thorough")
class FasterStartIT {
  @TempDir private Path directory;

  private static List<String> commands() throws IOException {
    Matcher block =
        Pattern.compile("(?ms)^## A faster start$.*?^```sh\n(.*?)^```$")
            .matcher(Files.readString(Path.of("src/docs/start.md")));
    assertThat(block.find()).isTrue();
    return block.group(1).lines().toList();
  }

  /** In a directory with the jar; {@code java} is this JVM's. */
  private String inPlace(List<String> commands) {
    return "PATH=%s:$PATH\ncd %s\n%s"
        .formatted(
            Path.of(System.getProperty("java.home"), "bin"),
            directory,
            String.join("\n", commands));
  }

  private Script.Result run(List<String> commands) throws IOException, InterruptedException {
    return Script.run("bash", "-ec", inPlace(commands));
  }

  @Test
  void startsFromTheCacheThatTheCommandsMake() throws Exception {
    Path _ = Files.copy(JarIT.jar(), directory.resolve("virq.jar"));
    List<String> commands = commands();
    String start = commands.getLast();
    assertThat(start).endsWith("-jar virq.jar");

    Script.Result made = run(commands.subList(0, commands.size() - 1));
    assertThat(made.status()).as(made.output()).isZero();
    assertThat(made.output()).containsPattern("virq: training: [\\d,]+ calls");

    // A cache that does not fit would end it.
    String told = start.replace(" -jar", " -XX:AOTMode=on -Xlog:class+load -jar");
    String served = inPlace(List.of("cd virq", "exec " + told + " --server.port=0"));
    try (ServerProcess server = ServerProcess.start(new ProcessBuilder("bash", "-ec", served))) {
      assertThat(server.port()).isPositive();
      assertThat(loaded(server.log())).isNotEmpty().allMatch(FasterStartIT::isFromCache);
    }
    Script.Result without =
        run(List.of("cd virq", "java -Xlog:class+load -jar virq.jar --version"));
    assertThat(loaded(without.output())).isNotEmpty().noneMatch(FasterStartIT::isFromCache);
  }

  /** The classes of virq that a JVM said to have loaded, but for those that it made itself. */
  private static List<String> loaded(String log) {
    return log.lines()
        .filter(line -> line.matches(".*\\[class,load *] dev\\.virq\\.(?!.*\\$\\$).*"))
        .toList();
  }

  private static boolean isFromCache(String line) {
    return line.contains("source: shared objects file");
  }

  @Test
  void trainingThatIsRefusedEndsWithOne() throws Exception {
    Path _ = Files.copy(JarIT.jar(), directory.resolve("virq.jar"));

    Script.Result refused =
        run(
            List.of(
                "export VIRQ_ACCESS_TOKEN=a-token-that-is-long-enough",
                "timeout 300 java -jar virq.jar train --server.port=0"));

    assertThat(refused.status()).as(refused.output()).isEqualTo(1);
    assertThat(refused.output())
        .containsPattern("virq: training: \\w+ /\\S+ was answered 401: ")
        .contains("drained: complete=true");
  }
}
