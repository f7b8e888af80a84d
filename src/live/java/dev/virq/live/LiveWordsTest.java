package dev.virq.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.script.Verb;
import dev.virq.script.Verbs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The driver of the real kernel knows every operation of the language. It switches over words, so
 * no compiler sees that one is missing.
 */
class LiveWordsTest {
  private static final Path LIVE = Path.of("src/live/java/dev/virq/live");

  @Test
  void everyOperationHasACase() throws IOException {
    String driver =
        Files.readString(LIVE.resolve("LiveRunner.java"))
            + Files.readString(LIVE.resolve("GuestOperations.java"));

    assertThat(missing(driver, Verbs.all().stream().map(Verb::word).toList())).isEmpty();
    assertThat(missing(driver, List.of("vm_create", "vm_creat"))).containsExactly("vm_creat");
  }

  private static List<String> missing(String driver, List<String> words) {
    return words.stream().filter(word -> !driver.contains("\"" + word + "\"")).toList();
  }
}
