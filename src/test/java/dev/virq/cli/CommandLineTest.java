package dev.virq.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.script.Verb;
import dev.virq.script.Verbs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the arguments of the jar do. */
class CommandLineTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<List<String>> served = new ArrayList<>();
  private final List<List<String>> trained = new ArrayList<>();

  @TempDir Path directory;

  private int run(String input, String... arguments) {
    return CommandLine.of(
            new ByteArrayInputStream(input.getBytes(UTF_8)),
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8))
        .run(
            arguments,
            settings -> served.add(List.of(settings)),
            settings -> trained.add(List.of(settings)));
  }

  private int run(Path script) {
    return run("", "run", script.toString());
  }

  @Test
  void withoutACommandItServesWithTheSettings() {
    assertThat(run("")).isZero();
    assertThat(run("", "--virq.workers=8")).isZero();
    assertThat(run("", "serve", "--server.port=0")).isZero();

    assertThat(served)
        .containsExactly(List.of(), List.of("--virq.workers=8"), List.of("--server.port=0"));
  }

  @Test
  void trainTakesSettingsToo() {
    assertThat(run("", "train")).isZero();
    assertThat(run("", "train", "--server.port=0")).isZero();
    assertThat(run("", "train", "10000")).isEqualTo(2);

    assertThat(trained).containsExactly(List.of(), List.of("--server.port=0"));
    assertThat(served).isEmpty();
    assertThat(err.toString(UTF_8)).contains("\"10000\" is neither a command nor a setting");
  }

  @Test
  void helpAndVersionServeNothing() {
    assertThat(run("", "--help")).isZero();
    assertThat(run("", "serve", "--help")).isZero();
    assertThat(run("", "help")).isZero();
    assertThat(run("", "--version")).isZero();

    assertThat(out.toString(UTF_8))
        .contains("Usage: java -jar virq.jar", "run SCRIPT")
        .containsPattern("(?m)^virq \\S+$");
    assertThat(served).isEmpty();
  }

  @Test
  void whatIsNeitherCommandNorSettingIsRefusedByName() {
    assertThat(run("", "virq.workers=8")).isEqualTo(2);
    assertThat(run("", "serve", "-Dvirq.workers=8")).isEqualTo(2);
    assertThat(run("", "run")).isEqualTo(2);

    assertThat(err.toString(UTF_8))
        .contains("\"virq.workers=8\" is neither a command nor a setting")
        .contains("\"-Dvirq.workers=8\"")
        .contains("run takes one script");
    assertThat(served).isEmpty();
  }

  @Test
  void operationsListsEveryVerb() {
    assertThat(run("", "operations")).isZero();

    assertThat(out.toString(UTF_8).lines())
        .hasSameSizeAs(Verbs.all())
        .allMatch(line -> Verbs.all().stream().map(Verb::help).anyMatch(line::endsWith));
  }

  @Test
  void scriptWritesAResultALine() throws IOException {
    Path script =
        Files.writeString(
            directory.resolve("bind.virq"),
            """
            vm_create v0
            irqchip_create v0
            eventfd_create e0 7
            irqfd_assign v0 e0 5
            irqfd_assign v0 e0 6
            eventfd_read e0
            """);

    assertThat(run(script)).isZero();

    assertThat(out.toString(UTF_8))
        .isEqualTo(
            """
            {"op":"vm_create v0","ok":true}
            {"op":"irqchip_create v0","ok":true}
            {"op":"eventfd_create e0 7","ok":true}
            {"op":"irqfd_assign v0 e0 5","ok":true}
            {"op":"irqfd_assign v0 e0 6","ok":false,"errno":"EBUSY"}
            {"op":"eventfd_read e0","ok":true,"value":7}
            """);
    assertThat(err.toString(UTF_8)).isEmpty();
  }

  @Test
  void dashReadsStandardInput() {
    assertThat(run("vm_create v0\n", "run", "-")).isZero();

    assertThat(out.toString(UTF_8)).isEqualTo("{\"op\":\"vm_create v0\",\"ok\":true}\n");
  }

  @Test
  void lineThatIsNoOperationIsNamedBeforeAnythingRuns() throws IOException {
    Path script = Files.writeString(directory.resolve("s"), "vm_create v0\nvm_creat v1\n");

    assertThat(run(script)).isEqualTo(2);

    assertThat(err.toString(UTF_8))
        .isEqualTo(
            "virq: %s: line 2: \"vm_creat\" is not an operation; did you mean vm_create?\n"
                .formatted(script));
    assertThat(out.toString(UTF_8)).isEmpty();
  }

  @Test
  void fileThatCannotBeReadIsNamed() throws IOException {
    Path latin = Files.write(directory.resolve("latin"), new byte[] {'#', (byte) 0xe9});

    assertThat(run(directory.resolve("nowhere"))).isEqualTo(2);
    assertThat(run(latin)).isEqualTo(2);

    assertThat(err.toString(UTF_8)).contains("there is no such file", "is not UTF-8");
  }

  @Test
  void scriptMeetsTheLimitsOfAServerThatIsGivenNoSettings() {
    // 100 MB and more of routing tables for each GB of heap.
    int vms = (int) (Runtime.getRuntime().maxMemory() / 5_000_000);
    String one = "vm_create v%1$d\nirqchip_create v%1$d\nrouting_set v%1$d fill=4096\n";
    String script = IntStream.range(0, vms).mapToObj(one::formatted).collect(Collectors.joining());

    assertThat(run(script, "run", "-")).isZero();

    assertThat(out.toString(UTF_8)).contains("\"ok\":false,\"errno\":\"EMFILE\"");
  }
}
