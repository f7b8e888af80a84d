package dev.virq.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.virq.VirqApplication;
import dev.virq.deploy.PromQl.Sample;
import dev.virq.testing.Script;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * The program, started with the environment and the configuration that the chart gives its
 * container, answers what the chart's probes, its test, its alerts and its dashboard ask.
 */
@Tag("thorough")
class ContainerIT {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir private static Path directory;

  private static ConfigurableApplicationContext program;
  private static JsonNode container;
  private static String api;
  private static String management;

  @BeforeAll
  static void start() throws IOException {
    Chart chart =
        Chart.with(directory, "config: {defaultTtl: PT7M, limits: {scriptLines: 9, vms: 77}}");
    container = chart.object("Deployment", "demo-virq").at("/spec/template/spec/containers/0");
    Files.writeString(
        directory.resolve("application.yaml"),
        chart.object("ConfigMap", "demo-virq-config").at("/data/application.yaml").asText());
    Map<String, Object> environment = new HashMap<>();
    for (JsonNode variable : container.path("env")) {
      environment.put(variable.path("name").asText(), variable.path("value").asText());
    }
    // What a test cannot have as the pod has it: its ports, its name and its mounts.
    environment.put("SERVER_PORT", "0");
    environment.put("MANAGEMENT_SERVER_PORT", "0");
    environment.put("VIRQ_NODE", "demo-virq-0");
    environment.replace(
        "SPRING_CONFIG_ADDITIONAL_LOCATION", "file:/etc/virq/", "file:" + directory + "/");
    StandardEnvironment before = new StandardEnvironment();
    before
        .getPropertySources()
        .replace(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, environment));
    program = new SpringApplicationBuilder(VirqApplication.class).environment(before).run();
    api = "http://127.0.0.1:" + program.getEnvironment().getProperty("local.server.port");
    management =
        "http://127.0.0.1:" + program.getEnvironment().getProperty("local.management.port");
  }

  @AfterAll
  static void stop() {
    program.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"startupProbe", "livenessProbe", "readinessProbe"})
  void probeIsAnsweredOnTheManagementPortAndNowhereElse(String probe) throws Exception {
    String path = container.at("/" + probe + "/httpGet/path").asText();

    assertThat(get(management + path).statusCode()).isEqualTo(200);
    assertThat(get(management + path).body()).contains("\"UP\"");
    assertThat(get(api + path).statusCode()).isEqualTo(404);
  }

  @Test
  void settingsOfTheChartReachTheProgram() throws Exception {
    HttpResponse<String> service = get(api + "/v1");

    assertThat(service.headers().firstValue("X-Node")).hasValue("demo-virq-0");
    JsonNode limits = Yaml.one(service.body()).path("limits");
    assertThat(limits.path("scriptLines").asInt()).isEqualTo(9);
    assertThat(limits.path("vms").asInt()).isEqualTo(77);
  }

  @Test
  void everySeriesThatADashboardOrAnAlertNamesIsInTheScrape() throws Exception {
    List<Sample> scrape = Sample.all(get(management + "/actuator/prometheus").body());
    Map<String, String> expressions = Expressions.ofTheDashboard();
    expressions.putAll(Expressions.ofTheAlerts());

    assertThat(expressions).hasSizeGreaterThan(30);
    expressions.forEach((where, expression) ->
        assertThat(PromQl.selectors(expression))
            .as("%s: %s", where, expression)
            .isNotEmpty()
            .allMatch(selector -> scrape.stream().anyMatch(selector::matches)));
  }

  @Test
  void everyMeterOfVirqIsInTheScrapeAndOnTheDashboard() throws Exception {
    String scrape = get(management + "/actuator/prometheus").body();
    List<String> families =
        scrape
            .lines()
            .filter(line -> line.matches("# TYPE (irqfd|srcu|virq)_.*"))
            .map(line -> line.replaceAll("# TYPE (\\w+) .*", "$1"))
            .filter(family -> !family.endsWith("_max"))
            .toList();

    assertThat(families).hasSizeGreaterThan(15);
    String dashboard = Metadata.file("dashboards/virq.json");
    assertThat(families)
        .filteredOn(family -> !dashboard.contains(family))
        // What outcomes and the pending ones add up to.
        .containsExactly("irqfd_signals_accepted_total");
  }

  @Test
  void helmTestPassesOnTheProgram() throws Exception {
    Script.Result result = fiveSteps(api);

    assertThat(result.status()).as(result.output()).isZero();
    assertThat(result.output()).contains("ok: the five steps, in order");
    assertThat(get(api + "/v1/sandboxes").body()).doesNotContain("five-steps-");
  }

  @Test
  void helmTestFailsWhereNothingListens() throws Exception {
    assertThat(fiveSteps("http://127.0.0.1:1").status()).isNotZero();
  }

  @Test
  void helmTestFailsOnADifference() throws Exception {
    // The management port answers, but it is not the API.
    Script.Result result = fiveSteps(management);

    assertThat(result.status()).isNotZero();
    assertThat(result.output()).contains("DIFFERS: a sandbox: expected status 201");
  }

  private static Script.Result fiveSteps(String url) throws IOException, InterruptedException {
    // The script is shell and curl; without curl it could only fail.
    var _ = Script.run("curl", "--version");
    return Script.run("sh", Chart.SOURCE.resolve("files/five-steps.sh").toString(), url);
  }

  private static HttpResponse<String> get(String url) throws IOException, InterruptedException {
    return CLIENT.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
  }
}
