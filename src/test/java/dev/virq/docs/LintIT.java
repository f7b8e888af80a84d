package dev.virq.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.virq.testing.Npm;
import dev.virq.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Two linters have nothing to say about the OpenAPI document, by all the rules that they recommend.
 *
 * <p>Both are packages of npm. Where they cannot be had the tests are skipped and say so, except in
 * continuous integration.
 */
@Tag("thorough")
class LintIT {
  private static final Path DOCUMENT = Path.of("src/docs/openapi.json").toAbsolutePath();
  private static final Path RULES = Path.of("src/docs/lint").toAbsolutePath();
  private static final Path TARGET = Path.of("target/lint").toAbsolutePath();
  // Redocly sums up in words behind its findings.
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  @BeforeAll
  static void install() throws Exception {
    if (!"true".equals(System.getenv("CI"))) {
      assumeTrue(Tool.exists("npm", "--version"), "The document was not linted: there is no npm.");
    }
    Tool.Result installed = Npm.install(RULES, TARGET);
    if ("true".equals(System.getenv("CI"))) {
      assertThat(installed.status()).as(installed.output()).isZero();
    }
    assumeTrue(
        installed.status() == 0,
        "The document was not linted: npm cannot install the linters: " + installed.output());
  }

  @Test
  void spectralFindsNothing() throws Exception {
    assertThat(spectral(DOCUMENT)).isEmpty();
  }

  @Test
  void redoclyFindsNothing() throws Exception {
    assertThat(redocly(DOCUMENT)).isEmpty();
  }

  @Test
  void plantedFaultsAreFound() throws Exception {
    Path planted =
        Files.writeString(TARGET.resolve("planted.json"), JSON.writeValueAsString(faulty()));

    assertThat(spectral(planted))
        .anyMatch(finding -> finding.startsWith("operation-operationId-unique"))
        .anyMatch(finding -> finding.startsWith("path-params"))
        .anyMatch(finding -> finding.startsWith("oas3-schema"));
    assertThat(redocly(planted))
        .anyMatch(finding -> finding.startsWith("operation-operationId-unique"))
        .anyMatch(finding -> finding.startsWith("path-parameters-defined"))
        .anyMatch(finding -> finding.startsWith("struct"));
  }

  /** The document with an id given twice, a parameter that is not declared, and no title. */
  private static JsonNode faulty() throws IOException {
    JsonNode document = JSON.readTree(Files.readString(DOCUMENT));
    ((ObjectNode) document.at("/paths/~1v1/get")).put("operationId", "listSandboxes");
    ((ObjectNode) document.at("/paths/~1v1~1sandboxes~1{sb}/get")).remove("parameters");
    ((ObjectNode) document.path("info")).remove("title");
    return document;
  }

  /** Rule and place of each finding, whatever its level. */
  private static List<String> spectral(Path document) throws Exception {
    Path findings = TARGET.resolve("spectral.json");
    Files.deleteIfExists(findings);
    Tool.Result result =
        tool("spectral")
            .run(
                List.of(
                    "node_modules/.bin/spectral",
                    "lint",
                    "--ruleset=" + RULES.resolve("spectral.yaml"),
                    "--format=json",
                    "--output=" + findings,
                    "--fail-severity=hint",
                    document.toString()));
    List<String> said = new ArrayList<>();
    for (JsonNode finding : JSON.readTree(read(findings, result))) {
      said.add(
          "%s at %s: %s"
              .formatted(
                  finding.path("code").asString(),
                  finding.path("path"),
                  finding.path("message").asString()));
    }
    assertThat(result.status()).as(result.output()).isEqualTo(said.isEmpty() ? 0 : 1);
    return said;
  }

  private static List<String> redocly(Path document) throws Exception {
    Tool.Result result =
        tool("redocly")
            .run(
                List.of(
                    "node_modules/.bin/redocly",
                    "lint",
                    "--config=" + RULES.resolve("redocly.yaml"),
                    "--format=json",
                    "--max-problems=1000",
                    document.toString()));
    assertThat(result.output()).contains("{");
    JsonNode report = JSON.readTree(result.output().substring(result.output().indexOf('{')));
    List<String> said = new ArrayList<>();
    for (JsonNode finding : report.path("problems")) {
      said.add(
          "%s at %s: %s"
              .formatted(
                  finding.path("ruleId").asString(),
                  finding.at("/location/0/pointer").asString(),
                  finding.path("message").asString()));
    }
    assertThat(report.path("totals").isObject()).as(result.output()).isTrue();
    return said;
  }

  private static Tool tool(String name) {
    // Neither tells its makers that it ran, nor asks whether there is a newer one.
    return new Tool(
        TARGET,
        TARGET.resolve(name + ".log"),
        Map.of("REDOCLY_TELEMETRY", "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE", "true", "CI", "true"));
  }

  private static String read(Path findings, Tool.Result result) throws IOException {
    assertThat(findings).as(result.output()).exists();
    return Files.readString(findings);
  }
}
