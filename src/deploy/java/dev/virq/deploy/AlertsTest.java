package dev.virq.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.virq.testing.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The alerts, judged by Prometheus' own tool. */
class AlertsTest {
  private static final Path TESTS = Path.of("src/deploy/resources/deploy");

  @Test
  void promtoolTakesTheRules() throws Exception {
    assertThat(promtool("check", "rules", Chart.SOURCE.resolve("rules/virq.yaml").toString()))
        .contains("SUCCESS");
  }

  @ParameterizedTest
  @MethodSource("unitTests")
  void promtoolsUnitTestsPass(Path test) throws Exception {
    assertThat(promtool("test", "rules", test.toString())).contains("SUCCESS");
  }

  @Test
  void everyAlertSaysHowBadItIsAndWhatToDo() {
    for (JsonNode rule : Expressions.rules()) {
      assertThat(rule.at("/labels/severity").asText()).isIn("info", "warning", "critical");
      assertThat(rule.at("/annotations/summary").asText()).endsWith(".");
      assertThat(rule.at("/annotations/description").asText())
          .contains("{{ $labels.instance }}")
          .endsWith(".");
    }
  }

  @Test
  void everyAlertIsSeenFiringAndSeenQuiet() throws IOException {
    Set<String> alerts = new TreeSet<>(Expressions.rules().findValuesAsText("alert"));
    Set<String> firing = new TreeSet<>();
    Set<String> quiet = new TreeSet<>();
    for (Path file : unitTests().toList()) {
      for (JsonNode test : Yaml.one(Files.readString(file)).path("tests")) {
        for (JsonNode expected : test.path("alert_rule_test")) {
          (expected.path("exp_alerts").isEmpty() ? quiet : firing)
              .add(expected.path("alertname").asText());
        }
      }
    }

    assertThat(alerts).hasSize(5);
    assertThat(firing).isEqualTo(alerts);
    assertThat(quiet).isEqualTo(alerts);
  }

  @Test
  void operatorGetsTheSameRules(@TempDir Path directory) {
    JsonNode file = Yaml.one(Metadata.file("rules/virq.yaml"));

    JsonNode object =
        Chart.with(directory, Combination.EVERYTHING.yaml()).object("PrometheusRule", "demo-virq");

    assertThat(object.path("spec")).isEqualTo(file);
  }

  static Stream<Path> unitTests() throws IOException {
    List<Path> tests;
    try (Stream<Path> files = Files.list(TESTS)) {
      tests = files.filter(file -> file.toString().endsWith(".test.yaml")).sorted().toList();
    }
    assertThat(tests).isNotEmpty();
    return tests.stream();
  }

  /** What promtool prints; it is in Prometheus' own archive and in Debian's package prometheus. */
  private static String promtool(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments));
    Script.Result result = Script.run(command.toArray(String[]::new));
    assertThat(result.status()).as(result.output()).isZero();
    return result.output();
  }
}
