package dev.virq.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What compose.yaml and the examples of start.md say is what the image, its page and the program
 * say.
 */
class ComposeTest {
  private final JsonNode service = Yaml.one(read("compose.yaml")).at("/services/virq");

  @Test
  void itIsTheImageThatTheBuildMakes() {
    Matcher version =
        Pattern.compile("<artifactId>virq</artifactId>\\s*<version>([^<]+)</version>")
            .matcher(read("pom.xml"));
    assertThat(version.find()).isTrue();

    assertThat(service.path("image").asText()).isEqualTo("virq:" + version.group(1));
    assertThat(service.path("build").asText()).isEqualTo(".");
  }

  @Test
  void itMayDoWhatTheReadmesContainerMay() {
    Matcher run = Pattern.compile("(?s)docker run --rm (.*?) virq:").matcher(read("README.md"));
    assertThat(run.find()).isTrue();

    List<String> options = new ArrayList<>();
    if (service.path("read_only").asBoolean()) {
      options.add("--read-only");
    }
    service.path("tmpfs").forEach(path -> options.add("--tmpfs " + path.asText()));
    service.path("cap_drop").forEach(drop -> options.add("--cap-drop " + drop.asText()));
    service
        .path("security_opt")
        .forEach(option -> options.add("--security-opt " + option.asText().replace(":true", "")));
    options.add("--memory " + service.path("mem_limit").asText());
    options.add("--stop-timeout " + service.path("stop_grace_period").asText().replace("s", ""));
    service.path("ports").forEach(port -> options.add("-p " + port.asText()));
    assertThat(run.group(1).replaceAll("\\s*\\\\\\s*", " ")).isEqualTo(String.join(" ", options));
  }

  @Test
  void itIsGivenTheTimeThatAShutdownMayTake() {
    Duration grace =
        Duration.parse("PT" + service.path("stop_grace_period").asText().toUpperCase(Locale.ROOT));
    JsonNode settings = Yaml.all(read("src/main/resources/application.yaml")).getFirst();

    assertThat(grace).isEqualTo(Duration.parse(settings.at("/virq/shutdown-timeout").asText()));
  }

  @Test
  void itPublishesWhatTheImageExposes() {
    Matcher exposed = Pattern.compile("(?m)^EXPOSE (\\d+) (\\d+)$").matcher(read("Dockerfile"));
    assertThat(exposed.find()).isTrue();

    for (JsonNode ports :
        List.of(service.path("ports"), StartPage.workflow().at("/jobs/test/services/virq/ports"))) {
      List<String> inside = new ArrayList<>();
      ports.forEach(port -> inside.add(port.asText().replaceAll(".*:", "")));
      assertThat(inside).containsExactly(exposed.group(1), exposed.group(2));
    }
  }

  @Test
  void theExampleBesideItSetsWhatIsASetting() {
    JsonNode virq = StartPage.override().at("/services/virq");
    JsonNode settings = Yaml.all(read("src/main/resources/application.yaml")).getFirst();

    String file = virq.at("/environment/VIRQ_INIT").asText();
    assertThat(settings.path("virq").has("init")).isTrue();
    assertThat(virq.path("volumes").path(0).asText()).isEqualTo("./rigs.yaml:" + file + ":ro");
    assertThat(StartPage.override().path("services").has("rig")).isTrue();
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
