package dev.virq.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The examples of start.md. */
final class StartPage {
  private StartPage() {}

  /** What is laid over compose.yaml. */
  static JsonNode override() {
    return example("With Compose");
  }

  /** The workflow for GitHub Actions. */
  static JsonNode workflow() {
    return example("In GitHub Actions");
  }

  private static JsonNode example(String section) {
    try {
      Matcher block =
          Pattern.compile("(?ms)^## " + section + "$.*?^```yaml\n(.*?)^```$")
              .matcher(Files.readString(Path.of("src/docs/start.md")));
      assertThat(block.find()).as(section).isTrue();
      return Yaml.one(block.group(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
