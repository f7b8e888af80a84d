package dev.virq.trace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page of the rules explains every word as the code does, and the document with it. */
class MeaningsTest {
  private static String page() throws IOException {
    return Files.readString(Path.of("src/docs/behaviour.md"), UTF_8);
  }

  @Test
  void pageHasEveryOutcome() throws IOException {
    for (Outcome outcome : Outcome.values()) {
      assertThat(page()).contains("| %s | %s |".formatted(outcome, outcome.meaning()));
    }
  }

  @Test
  void pageHasEveryLineStatus() throws IOException {
    for (LineStatus status : LineStatus.values()) {
      assertThat(page()).contains("| %s | %s |".formatted(status, status.meaning()));
    }
  }
}
