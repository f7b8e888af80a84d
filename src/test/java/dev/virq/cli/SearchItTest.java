package dev.virq.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.StringTokenizer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the section "Search it" of the README as it stands there: each word of the comment behind a
 * line has to occur in what the line prints.
 */
class SearchItTest {
  private static final Pattern SECTION =
      Pattern.compile(
          "## Search it\n.*?```yaml\n(?<program>.*?)```.*?```sh\n(?<session>.*?)```",
          Pattern.DOTALL);
  private static final String COMMAND = "java -jar virq.jar ";
  private static final String FILE = "close.virq";

  @TempDir Path directory;

  /** So that the command finds the carriers made: it would make one only, for all tests. */
  @BeforeAll
  static void makeCarriers() throws InterruptedException {
    Thread.startVirtualThread(() -> {}).join();
  }

  @Test
  void sessionPrintsWhatItsCommentsSay() throws IOException {
    Matcher section = SECTION.matcher(Files.readString(Path.of("README.md")));
    assertThat(section.find()).isTrue();
    Path program = Files.writeString(directory.resolve(FILE), section.group("program"));

    int checked = 0;
    for (String line : section.group("session").lines().toList()) {
      assertThat(line).startsWith(COMMAND);
      int comment = line.indexOf(" # ");
      String[] words =
          line.substring(COMMAND.length(), comment)
              .strip()
              .replace(FILE, program.toString())
              .split(" +", -1);
      String printed = run(words).replace(" ", "");
      for (StringTokenizer expected = new StringTokenizer(line.substring(comment + 3));
          expected.hasMoreTokens(); ) {
        assertThat(printed).as(line).contains(expected.nextToken());
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(5);
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
    for (List<String> words :
        List.of(
            List.of("explore"),
            List.of("explore", "one", "two"),
            List.of("explore", "nowhere.virq"),
            List.of("explore", wrong.toString()),
            List.of("explore", "-", "--runs", "0"),
            List.of("explore", "-", "--runs"),
            List.of("explore", "-", "--strategy", "LUCK"),
            List.of("explore", "-", "--defect", "none"),
            List.of("explore", "-", "--replay", "s0"),
            List.of("explore", "-", "--what"))) {
      assertThat(run(words.toArray(String[]::new)))
          .as("%s", words)
          .startsWith("virq: ")
          .endsWith("exit=2");
    }
  }

  private static String run(String... words) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, true, UTF_8)) {
      int code =
          CommandLine.of(new ByteArrayInputStream(new byte[0]), out, out).run(words, _ -> {});
      out.print("exit=" + code);
    }
    return bytes.toString(UTF_8);
  }
}
