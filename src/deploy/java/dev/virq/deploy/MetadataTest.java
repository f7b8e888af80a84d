package dev.virq.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What stands in Chart.yaml. */
class MetadataTest {
  private final JsonNode chart = Metadata.chart();

  @Test
  void appVersionIsTheProgramsAndTheChartHasItsOwn() throws Exception {
    Matcher version =
        Pattern.compile("<artifactId>virq</artifactId>\\s*<version>([^<]+)</version>")
            .matcher(Files.readString(Path.of("pom.xml")));
    assertThat(version.find()).isTrue();

    assertThat(chart.path("appVersion").asText()).isEqualTo(version.group(1));
    assertThat(chart.path("version").asText())
        .matches("\\d+\\.\\d+\\.\\d+")
        .isNotEqualTo(version.group(1));
  }

  @Test
  void chartSaysWhatItIs() {
    assertThat(chart.path("apiVersion").asText()).isEqualTo("v2");
    assertThat(chart.path("type").asText()).isEqualTo("application");
    assertThat(chart.path("kubeVersion").asText()).isEqualTo(">=1.29.0-0");
    assertThat(chart.path("icon").asText()).startsWith("data:image/svg+xml,");
    assertThat(chart.path("keywords")).isNotEmpty();
  }

  @Test
  void readmesBuildTheImageThatTheChartAsksFor() throws Exception {
    String build = "docker build -t virq:" + chart.path("appVersion").asText() + " .";

    assertThat(Files.readString(Path.of("README.md"))).contains(build);
    assertThat(Metadata.file("README.md")).contains(build);
  }

  @Test
  void imagesOfTheAnnotationAreThoseOfTheValues() {
    JsonNode values = Yaml.one(Metadata.file("values.yaml"));
    JsonNode annotations = chart.path("annotations");

    JsonNode images = Yaml.one(annotations.path("artifacthub.io/images").asText());

    assertThat(images.get(0).path("image").asText())
        .isEqualTo(
            values.at("/image/repository").asText() + ":" + chart.path("appVersion").asText());
    assertThat(images.get(1).path("image").asText())
        .isEqualTo(
            values.at("/tests/image/repository").asText()
                + ":"
                + values.at("/tests/image/tag").asText());
    assertThat(annotations.path("artifacthub.io/license").asText()).isEqualTo("Apache-2.0");
    assertThat(annotations.path("artifacthub.io/category").asText())
        .isEqualTo("integration-delivery");
    assertThat(Yaml.one(annotations.path("artifacthub.io/changes").asText())).isNotEmpty();
  }
}
