package dev.virq.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.virq.deploy.Buildah.Layer;
import dev.virq.testing.Script;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The image of the Dockerfile, built on stand-ins for its base images and run as the chart runs it.
 */
@Tag("thorough")
class ImageIT {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir private static Path directory;

  private static Map<String, String> environment;
  private static Container container;

  @BeforeAll
  static void start() throws Exception {
    Buildah.build();
    environment = new HashMap<>();
    JsonNode variables =
        Chart.with(directory, "{}")
            .object("Deployment", "demo-virq")
            .at("/spec/template/spec/containers/0/env");
    for (JsonNode variable : variables) {
      environment.put(variable.path("name").asText(), variable.path("value").asText());
    }
    environment.put("SERVER_PORT", "0");
    environment.put("MANAGEMENT_SERVER_PORT", "0");
    environment.put("VIRQ_NODE", "demo-virq-0");
    // The JVM passes silently over a cache that does not fit, unless it is told not to.
    environment.merge("JAVA_TOOL_OPTIONS", "-XX:AOTMode=on", (chart, ours) -> chart + " " + ours);
    container = Container.start(environment);
  }

  @AfterAll
  static void stop() {
    if (container != null) {
      container.close();
    }
  }

  @Test
  void imageSaysHowItIsToBeRun() throws Exception {
    JsonNode image = Buildah.configuration();

    assertThat(image.path("User").asText()).isEqualTo("10001:10001");
    assertThat(image.path("WorkingDir").asText()).isEqualTo("/virq");
    assertThat(image.path("Entrypoint").path(0).asText()).isEqualTo("/opt/java/bin/java");
    assertThat(Yaml.MAPPER.convertValue(image.path("Env"), String[].class))
        .contains("SERVER_ADDRESS=0.0.0.0", "SERVER_PORT=8080", "MANAGEMENT_SERVER_PORT=8081");
    assertThat(image.path("ExposedPorts").has("8080/tcp")).isTrue();
    assertThat(image.path("ExposedPorts").has("8081/tcp")).isTrue();
    // Health is asked over HTTP, and nothing has to be written but to /tmp.
    for (String absent : List.of("Healthcheck", "Cmd", "Shell", "Volumes")) {
      assertThat(image.has(absent)).as(absent).isFalse();
    }
  }

  @Test
  void programIsProcess1OfAnOrdinaryUserOnAReadOnlyRoot() throws Exception {
    String status = container.proc("status");

    assertThat(status).containsPattern("NSpid:\t\\d+\t1\n");
    assertThat(status).contains("Uid:\t10001\t10001\t10001\t10001\n");
    assertThat(status).contains("Gid:\t10001\t10001\t10001\t10001\n");
    assertThat(status).containsPattern("Groups:\\s*\n");
    assertThat(status).contains("CapEff:\t0000000000000000\n", "NoNewPrivs:\t1\n");
    List<String> roots =
        container
            .proc("mountinfo")
            .lines()
            .map(line -> line.split(" ", -1))
            .filter(mount -> mount[4].equals("/"))
            .map(mount -> mount[5])
            .toList();
    assertThat(roots).singleElement().asString().startsWith("ro");
  }

  @ParameterizedTest
  @ValueSource(strings = {"readiness", "liveness"})
  void probesAnswerOnTheManagementPortAndNowhereElse(String probe) throws Exception {
    HttpResponse<String> health = get(container.management() + "/actuator/health/" + probe);

    assertThat(health.statusCode()).isEqualTo(200);
    assertThat(health.body()).contains("\"UP\"");
    assertThat(get(container.api() + "/actuator/health/" + probe).statusCode()).isEqualTo(404);
  }

  @Test
  void helmTestPasses() throws Exception {
    Script.Result result =
        Script.run("sh", Chart.SOURCE.resolve("files/five-steps.sh").toString(), container.api());

    assertThat(result.status()).as(result.output()).isZero();
    assertThat(result.output()).contains("ok: the five steps, in order");
  }

  @Test
  void examplesOfTheStartPageFindItReady() throws Exception {
    String compose = "curl " + StartPage.override().at("/services/rig/command").asText();
    String workflow = StartPage.workflow().at("/jobs/test/steps/1/run").asText();

    for (String command : List.of(compose, workflow)) {
      assertThat(command).containsOnlyOnce(":8081/");
      Script.Result result =
          Script.run(
              "bash", "-ec", command.replaceAll("http://[^/]+:8081", container.management()));
      assertThat(result.status()).as(result.output()).isZero();
      assertThat(result.output()).contains("\"UP\"");
    }
  }

  @Test
  void documentAndMetersAreThoseOfTheProgram() throws Exception {
    JsonNode document = Yaml.one(get(container.api() + "/v3/api-docs").body());
    JsonNode expected = Yaml.one(Files.readString(Path.of("src/docs/openapi.json")));

    assertThat(document.path("paths")).isEqualTo(expected.path("paths"));
    assertThat(get(container.api() + "/swagger-ui/index.html").body()).contains("swagger-ui");
    assertThat(get(container.management() + "/actuator/prometheus").body())
        .contains("irqfd_signals_accepted_total", "jvm_memory_used_bytes");
  }

  @Test
  void sigtermLetsGoOfTheHeldDrainsAndEndsWithZero() throws Exception {
    try (Container other = Container.start(environment)) {
      String sandbox = other.api() + "/v1/sandboxes/default";
      post(sandbox + "/vms", "{}");
      post(sandbox + "/eventfds", "{}");
      post(sandbox + "/vms/vm-1/irqfds", "{\"fd\":3,\"gsi\":5}");
      post(sandbox + "/breakpoints", "{\"point\":\"inject.dereferenced\"}");
      post(sandbox + "/eventfds/3/signal", "");
      post(sandbox + "/wait", "{\"for\":\"parked\",\"breakpoint\":\"bp-1\"}");

      int exit = other.stop();

      assertThat(exit).as(other.log()).isZero();
      assertThat(other.log()).containsPattern("drained.*signals=1.*lost=0");
    }
  }

  @Test
  void firstRequestsFindTheirClassesInTheCache() throws Exception {
    Map<String, String> telling = new HashMap<>(environment);
    telling.merge("JAVA_TOOL_OPTIONS", "-Xlog:class+load", (ours, more) -> ours + " " + more);
    try (Container other = Container.start(telling)) {
      Script.Result steps =
          Script.run("sh", Chart.SOURCE.resolve("files/five-steps.sh").toString(), other.api());
      assertThat(steps.status()).as(steps.output()).isZero();

      // But for those that the JVM makes itself, at the first use of a switch over types.
      List<String> loaded =
          other
              .log()
              .lines()
              .filter(line -> line.matches(".*\\[class,load *] dev\\.virq\\.(?!.*\\$\\$).*"))
              .toList();
      assertThat(loaded).anyMatch(line -> line.contains(" dev.virq.irqfd.Injection "));
      assertThat(loaded).allMatch(line -> line.contains("source: shared objects file"));
    }
  }

  @Test
  void layersGoFromWhatChangesLeastToWhatChangesMost() throws Exception {
    List<Layer> layers = Buildah.layers();

    assertThat(layers).hasSize(6);
    assertThat(layers.get(1).files()).allMatch(path -> path.startsWith("opt/java/"));
    assertThat(layers.get(2).files()).allMatch(path -> path.matches("virq/lib/[^/]+\\.jar"));
    assertThat(layers.get(3).files()).containsExactlyInAnyOrder("virq/LICENSE", "virq/jvm.options");
    assertThat(layers.get(4).files())
        .contains("virq/virq.jar")
        .isSubsetOf("virq/virq.jar", "virq/sbom.cdx.json");
    assertThat(layers.get(5).files()).containsExactly("virq/virq.aot");
    long bytes = layers.stream().skip(1).mapToLong(Layer::bytes).sum();
    assertThat(bytes).as("bytes above the base image").isLessThan(250_000_000);
  }

  @Test
  void everyLibraryInTheImageIsOnTheProgramsClassPath() throws Exception {
    List<String> classPath = new ArrayList<>();
    try (JarFile program = new JarFile(Buildah.root().resolve("virq/virq.jar").toFile())) {
      classPath.addAll(
          List.of(
              program
                  .getManifest()
                  .getMainAttributes()
                  .getValue(Attributes.Name.CLASS_PATH)
                  .split(" ", -1)));
      assertThat(program.stream()).noneMatch(entry -> entry.getName().endsWith(".java"));
    }

    // It unpacked the program while the image was built, and was left behind.
    assertThat(classPath.removeIf(path -> path.contains("spring-boot-jarmode-tools"))).isTrue();
    assertThat(files("virq/lib")).containsExactlyInAnyOrderElementsOf(classPath);
  }

  @Test
  void listOfLibrariesNamesWhatIsInTheImage() throws Exception {
    Path sbom = Buildah.root().resolve("virq/sbom.cdx.json");
    assumeTrue(Files.exists(sbom), "the image was built offline, where no list is made");
    JsonNode list = Yaml.one(Files.readString(sbom));
    List<String> named = new ArrayList<>();
    for (JsonNode component : list.path("components")) {
      named.add(component.path("name").asText() + "-" + component.path("version").asText());
    }

    assertThat(list.path("bomFormat").asText()).isEqualTo("CycloneDX");
    assertThat(files("virq/lib"))
        .allSatisfy(
            file -> assertThat(named).contains(file.replace("lib/", "").replace(".jar", "")));
  }

  @Test
  void labelsSayWhatItIsAndWhatItStandsOn() throws Exception {
    JsonNode labels = Buildah.configuration().path("Labels");

    assertThat(labels.path("org.opencontainers.image.licenses").asText()).isEqualTo("Apache-2.0");
    assertThat(labels.path("org.opencontainers.image.base.name").asText())
        .isEqualTo("localhost/base");
    assertThat(labels.has("org.opencontainers.image.source")).isTrue();
  }

  @Test
  void runtimeHasOneCommandAndNoCompiler() throws Exception {
    assertThat(files("opt/java/bin")).containsExactly("bin/java");
    assertThat(Files.readString(Buildah.root().resolve("opt/java/release")))
        .contains("java.base")
        .doesNotContain("jdk.compiler", "jdk.jlink", "jdk.jdeps", "jdk.jshell");
    try (Stream<Path> all = Files.walk(Buildah.root())) {
      assertThat(all.map(path -> path.getFileName().toString()))
          .doesNotContain("sh", "mvn", "mvnw", "pom.xml", "javac", "jmods", "src.zip", ".m2");
    }
  }

  /** The files of a directory of the image, as paths from its parent. */
  private static List<String> files(String path) throws IOException {
    Path parent = Buildah.root().resolve(path).getParent();
    try (Stream<Path> files = Files.walk(Buildah.root().resolve(path))) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> parent.relativize(file).toString())
          .toList();
    }
  }

  private static HttpResponse<String> get(String url) throws IOException, InterruptedException {
    return CLIENT.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
  }

  private static void post(String url, String json) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        CLIENT.send(
            HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json))
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode() / 100).as(answer.body()).isEqualTo(2);
  }
}
