package dev.virq.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.defect.Defect;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Runs the section "Search it" of the README as it stands there: every line of a command's output
 * is printed so, in that order, with others only where the README has an ellipsis.
 */
class SearchItTest {
  private static final Pattern SECTION =
      Pattern.compile(
          "## Search it\n.*?```yaml\n(?<program>.*?)```.*?```console\n(?<session>.*?)```",
          Pattern.DOTALL);
  private static final Pattern COMMAND =
      Pattern.compile("\\$ java -jar virq\\.jar (?<words>.*?) {2}# exit (?<exit>\\d)");
  private static final String LEFT_OUT = "…";
  private static final String FILE = "close.virq";

  @TempDir Path directory;

  /** So that the command finds the carriers made: it would make one only, for all tests. */
  @BeforeAll
  static void makeCarriers() throws InterruptedException {
    Thread.startVirtualThread(() -> {}).join();
  }

  @Test
  void sessionPrintsWhatTheReadmeSays() throws IOException {
    Matcher section = SECTION.matcher(Files.readString(Path.of("README.md")));
    assertThat(section.find()).isTrue();
    Path program = Files.writeString(directory.resolve(FILE), section.group("program"));

    int commands = 0;
    for (String part : section.group("session").split("(?m)^(?=\\$ )", -1)) {
      List<String> lines = part.lines().toList();
      if (lines.isEmpty()) {
        continue;
      }
      Matcher command = COMMAND.matcher(lines.getFirst());
      assertThat(command.matches()).as(lines.getFirst()).isTrue();
      String words = command.group("words").replace(FILE, program.toString());
      assertPrinted(
          run(words.split(" +", -1)), lines.subList(1, lines.size()), command.group("exit"));
      commands++;
    }
    assertThat(commands).isEqualTo(3);
  }

  private static void assertPrinted(String printed, List<String> expected, String exit) {
    assertThat(printed).endsWith("exit=" + exit);
    List<String> lines = printed.lines().toList();
    int at = 0;
    boolean gap = false;
    for (String line : expected) {
      if (line.equals(LEFT_OUT)) {
        gap = true;
        continue;
      }
      int found = gap ? at + lines.subList(at, lines.size()).indexOf(line) : at;
      assertThat(found).as("after line %d: %s", at, line).isGreaterThanOrEqualTo(at);
      assertThat(lines.get(found)).isEqualTo(line);
      at = found + 1;
      gap = false;
    }
    assertThat(gap || at == lines.size() - 1).as("lines that nobody left out").isTrue();
  }

  @Test
  void theExitCodeTellsAViolation() throws IOException {
    String program = "src/docs/programs/hang-up.virq";

    assertThat(run("explore", program, "--runs", "50")).endsWith("exit=0");
    assertThat(run("explore", program, "--runs", "50", "--defect", "no-flush"))
        .contains("use_after_free: irqfd-1")
        .endsWith("exit=1");
    assertThat(run("explore", program, "--json", "--runs", "9", "--seed", "-1"))
        .contains("{\"outcome\":\"outcome(writer.1)=", "\"runs\":9", "\"violated\":[]")
        .endsWith("exit=0");
  }

  @Test
  void whatIsNotUnderstoodIsNamed() throws IOException {
    Path wrong = Files.writeString(directory.resolve("wrong"), "actor a:\n  vm_creat v0\n");
    Path large = Files.writeString(directory.resolve("large"), "#".repeat(200_000));
    assertRefused("takes one program", "explore");
    assertRefused("\"two\"", "explore", "one", "two");
    assertRefused("nowhere.virq: there is no such file", "explore", "nowhere.virq");
    assertRefused("vm_creat", "explore", wrong.toString());
    assertRefused("more than 196,608 bytes", "explore", large.toString());
    assertRefused("standard input: the program has no actor", "explore", "-");
    assertRefused("--runs \"0\" is outside 1..1000000", "explore", "-", "--runs", "0");
    assertRefused("--runs \"\"", "explore", "-", "--runs");
    assertRefused("--seconds \"0\" is outside 1..86400", "explore", "-", "--seconds", "0");
    assertRefused("--strategy \"LUCK\" is none of [RANDOM", "explore", "-", "--strategy", "LUCK");
    assertRefused("--defect \"none\" is none of [no-grace", "explore", "-", "--defect", "none");
    assertRefused("a schedule is written s1:", "explore", "-", "--replay", "s0");
    assertRefused("\"--what\" is none of its arguments", "explore", "-", "--what");
    assertRefused(
        "--preemptions is for --strategy EXHAUSTIVE", "explore", "-", "--preemptions", "1");
    assertRefused("the strategy is POS", "explore", "-", "--strategy", "pos", "--depth", "2");
  }

  private static void assertRefused(String sentence, String... words) throws IOException {
    assertThat(run(words)).startsWith("virq: ").contains(sentence).endsWith("exit=2");
  }

  @ParameterizedTest
  @CsvSource({"0, true", "1000, false"})
  void aBoundOnPreemptionsSaysWhetherItLeftAnythingOut(String most, boolean cut)
      throws IOException {
    Path one =
        Files.writeString(
            directory.resolve("two-writers.virq"),
            """
            setup:
              eventfd_create e0 0
            actor a:
              eventfd_write e0 1
            actor b:
              eventfd_write e0 1
            expect: always counter e0 == 2
            observe: counter e0
            """);

    assertThat(
            run(
                "explore",
                one.toString(),
                "--strategy",
                "EXHAUSTIVE",
                "--preemptions",
                most,
                "--json"))
        .contains("\"exhaustive\":true,\"cut\":" + cut)
        .endsWith("exit=0");
  }

  @Test
  void helpNamesEveryDefect() throws IOException {
    assertThat(run("explore", "--help")).contains(Defect.words()).endsWith("exit=0");
  }

  /** By a clock that a second passes on every time it is read. */
  @Test
  void itEndsWhenItsTimeIsOver() throws IOException {
    AtomicLong seconds = new AtomicLong();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int code;
    try (PrintStream out = new PrintStream(bytes, true, UTF_8)) {
      code =
          new ExploreCommand(
                  InputStream.nullInputStream(),
                  out,
                  out,
                  "1",
                  () -> TimeUnit.SECONDS.toNanos(seconds.incrementAndGet()))
              .run(List.of("src/docs/programs/hang-up.virq", "--seconds", "9"));
    }

    assertThat(bytes.toString(UTF_8))
        .contains("stopped after 8 of 10,000 runs: 9 seconds were over");
    assertThat(code).isZero();
  }

  private static String run(String... words) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, true, UTF_8)) {
      int code =
          CommandLine.of(new ByteArrayInputStream(new byte[0]), out, out)
              .run(words, _ -> {}, _ -> {});
      out.print("exit=" + code);
    }
    return bytes.toString(UTF_8);
  }
}
