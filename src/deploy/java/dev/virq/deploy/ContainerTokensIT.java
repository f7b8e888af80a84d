package dev.virq.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.virq.VirqApplication;
import dev.virq.testing.Script;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The tokens of the chart reach the program, and the chart's test comes through with them. */
@Tag("thorough")
class ContainerTokensIT {
  private static final String TOKEN = "a-token-of-24-characters-";

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {TOKEN, "# ours\n\n  team-1-: " + TOKEN + "\nanother-token-of-24-characters"})
  void programAsksForTheTokensOfTheChartAndTheTestHasThem(String lines) throws Exception {
    Chart chart =
        Chart.with(
            directory,
            "access: {tokens: {value: %s}}"
                .formatted(new ObjectMapper().writeValueAsString(lines)));
    Path tokens =
        Files.writeString(
            directory.resolve("tokens"),
            chart.object("Secret", "demo-virq-tokens").at("/stringData/tokens").asText());
    JsonNode container =
        chart.object("Deployment", "demo-virq").at("/spec/template/spec/containers/0");
    Map<String, Object> environment = new HashMap<>();
    for (JsonNode variable : container.path("env")) {
      environment.put(
          variable.path("name").asText().toLowerCase(Locale.ROOT).replace('_', '.'),
          variable.path("value").asText());
    }
    // What a test cannot have as the pod has it.
    environment.keySet().removeIf(name -> name.startsWith("java.") || name.equals("virq.node"));
    environment.put("virq.access.tokens-file", tokens.toString());
    assertThat(environment.remove("virq.access.tokens.file")).isEqualTo("/etc/virq-tokens/tokens");
    environment.put("server.port", "0");
    environment.put("management.server.port", "0");
    try (ConfigurableApplicationContext program =
        new SpringApplicationBuilder(VirqApplication.class)
            .run(
                environment.entrySet().stream()
                    .map(entry -> "--" + entry.getKey() + "=" + entry.getValue())
                    .toArray(String[]::new))) {
      String api = "http://127.0.0.1:" + program.getEnvironment().getProperty("local.server.port");

      Script.Result with = fiveSteps(api, tokens.toString());
      assertThat(with.status()).as(with.output()).isZero();
      assertThat(with.output()).contains("ok: the five steps, in order");
      assertThat(with.output()).doesNotContain(TOKEN);
      Script.Result without = fiveSteps(api, "");
      assertThat(without.status()).isNotZero();
      assertThat(without.output()).contains("expected status 201, but the answer was 401");
      assertThat(status(api, "x")).isEqualTo(401);
      assertThat(status(api, TOKEN)).isEqualTo(200);
    }
  }

  private static Script.Result fiveSteps(String url, String tokens)
      throws IOException, InterruptedException {
    // The script is shell and curl; without curl it could only fail.
    var _ = Script.run("curl", "--version");
    String script = Chart.SOURCE.resolve("files/five-steps.sh").toString();
    return Script.run("env", "VIRQ_TOKENS=" + tokens, "sh", script, url);
  }

  private static int status(String api, String token) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(api + "/v1"))
            .header("Authorization", "Bearer " + token)
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, BodyHandlers.discarding()).statusCode();
    }
  }
}
