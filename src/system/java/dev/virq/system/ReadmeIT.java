package dev.virq.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * Runs the shell sessions of the README as they stand there, and holds every answer against the
 * comment behind its line: each word of the comment has to occur in the answer.
 */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class ReadmeIT {
  private static final Pattern SESSION = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
  private static final String HOST = "127.0.0.1:8080";
  private static final String END_OF_LINE = "@@end-of-line@@";

  @LocalServerPort int port;

  @TestFactory
  Stream<DynamicTest> sessionsAnswerWhatTheirCommentsSay() throws IOException {
    Matcher matcher = SESSION.matcher(Files.readString(Path.of("README.md")));
    List<String> sessions = new ArrayList<>();
    while (matcher.find()) {
      if (matcher.group(1).contains("curl")) {
        sessions.add(matcher.group(1));
      }
    }
    assertThat(sessions).isNotEmpty();
    return sessions.stream()
        .map(text -> DynamicTest.dynamicTest(text.lines().findFirst().orElse(""), () -> run(text)));
  }

  private void run(String session) throws Exception {
    List<String> lines = session.lines().filter(line -> !line.isBlank()).toList();
    StringBuilder script = new StringBuilder();
    for (String line : lines) {
      script.append(line.replace(HOST, "127.0.0.1:" + port)).append('\n');
      script.append("echo; echo ").append(END_OF_LINE).append('\n');
    }
    Process bash = new ProcessBuilder("bash", "-eu").redirectErrorStream(true).start();
    try (var input = bash.outputWriter(StandardCharsets.UTF_8)) {
      input.write(script.toString());
    }
    String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).as(output).isZero();

    String[] answers = output.split(END_OF_LINE, -1);
    int checked = 0;
    for (int i = 0; i < lines.size(); i++) {
      int comment = lines.get(i).indexOf(" # ");
      if (comment < 0) {
        continue;
      }
      for (StringTokenizer words = new StringTokenizer(lines.get(i).substring(comment + 3));
          words.hasMoreTokens(); ) {
        String word = words.nextToken();
        assertThat(answers[i].replace(" ", "")).as(lines.get(i)).contains(word);
        checked++;
      }
    }
    assertThat(checked).as("words checked").isPositive();
  }
}
