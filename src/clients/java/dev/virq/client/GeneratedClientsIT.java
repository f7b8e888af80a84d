package dev.virq.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.virq.testing.Npm;
import dev.virq.testing.Tool;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * Clients that a generator makes of the committed OpenAPI document: each compiles, and each plays
 * the README's five steps against this server, which asks for a token. Python, Node and Java have
 * to be there; Go is missing on some machines.
 */
@Tag("thorough")
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = "virq.access.token=" + GeneratedClientsIT.TOKEN)
class GeneratedClientsIT {
  static final String TOKEN = "of-the-generated-0123456789abcdef";

  private static final Path SOURCE = Path.of("src/clients/generated").toAbsolutePath();
  private static final Path TARGET = Path.of("target/generated-clients").toAbsolutePath();
  // Put there by the build.
  private static final Path GENERATOR =
      Path.of("target/tools/openapi-generator-cli.jar").toAbsolutePath();

  /** What each client prints. */
  private static final String SESSION =
      """
      vm-1 3 irqfd-1 ACTIVE
      bp-1 sig-1 true
      false
      409 EDEADLK bp-1 GRACE
      CLOSING 1
      bp-1
      true
      INJECTED RELEASED true
      {"op":"eventfd_create e 7","ok":true}
      {"op":"eventfd_read e","ok":true,"value":7}
      0 efd-1
      """;

  /** Fails where the client in Python would not run. */
  private static final String NEEDED =
      "import dateutil, pydantic, urllib3;"
          + "assert tuple(map(int, pydantic.VERSION.split('.')[:2])) >= (2, 11)";

  @LocalServerPort int port;

  @BeforeAll
  static void generate() throws Exception {
    assertThat(GENERATOR).as("the generator, which ./mvnw verify fetches").exists();
    List<String> command =
        new ArrayList<>(java("-jar", GENERATOR.toString(), "batch", "--fail-fast", "--root-dir=."));
    for (String language : List.of("python", "go", "typescript", "java")) {
      delete(TARGET.resolve(language));
      command.add(SOURCE.resolve(language + ".yaml").toString());
    }
    String said =
        new Tool(Path.of("").toAbsolutePath(), TARGET.resolve("generator.log"), Map.of())
            .succeed(command);
    assertThat(said).contains("4 generators successfully");
  }

  @Test
  void python() throws Exception {
    assertThat(
            run("python", Map.of("PYTHONPATH", "."), pythonWithTheClientsNeeds(), session("py"))
                // As Python writes it.
                .replace("True", "true")
                .replace("False", "false"))
        .isEqualTo(SESSION);
  }

  /** The machine's own Python, or one that is given what the client asks for. */
  private String pythonWithTheClientsNeeds() throws Exception {
    for (String python : List.of("python3", "/usr/bin/python3")) {
      if (Tool.exists(python, "-c", NEEDED)) {
        return python;
      }
    }
    Path environment = TARGET.resolve("python-environment");
    String python = environment.resolve("bin/python").toString();
    if (!Tool.exists(python, "-c", NEEDED)) {
      String _ = run("python", Map.of(), "python3", "-m", "venv", environment.toString());
      String _ =
          run("python", Map.of(), python, "-m", "pip", "install", "-q", "-r", "requirements.txt");
    }
    return python;
  }

  @Test
  void typeScript() throws Exception {
    Path directory = TARGET.resolve("typescript");
    copy("session.ts", directory);
    copy("tsconfig.json", directory);
    // Its package.json says too that the session is a module.
    Path compiler = TARGET.resolve("typescript-compiler");
    Tool.Result installed = Npm.install(SOURCE, compiler);
    assertThat(installed.status()).as(installed.output()).isZero();
    copy("package.json", directory);

    assertThat(run("typescript", Map.of(), compiler.resolve("node_modules/.bin/tsc").toString()))
        .isEmpty();

    assertThat(run("typescript", Map.of(), "node", "out/session.js")).isEqualTo(SESSION);
  }

  @Test
  void go() throws Exception {
    assumeTrue(Tool.exists("go", "version"), "The client in Go was not tried: no go on the path.");
    Path directory = TARGET.resolve("go");
    copy("session.go", directory);
    Path _ = Files.writeString(directory.resolve("go.mod"), "module virq.dev/session\n\ngo 1.19\n");
    Map<String, String> environment =
        Map.of(
            // Shared with the tests of the helper.
            "GOCACHE",
            Path.of("target/clients/go-cache").toAbsolutePath().toString(),
            // It needs nothing but its library.
            "GOPROXY",
            "off",
            "GOTOOLCHAIN",
            "local");

    assertThat(run("go", environment, "gofmt", "-l", "session.go")).isEmpty();
    assertThat(run("go", environment, "go", "run", ".")).isEqualTo(SESSION);
  }

  @Test
  void java() throws Exception {
    Path directory = TARGET.resolve("java");
    List<String> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(directory.resolve("src/main/java"))) {
      files
          .filter(file -> file.toString().endsWith(".java"))
          .forEach(file -> sources.add(file.toString()));
    }
    sources.add(session("java"));
    Path list = Files.write(directory.resolve("sources"), sources);
    // What the client's own pom asks for, and nothing of the server.
    String libraries =
        Arrays.stream(
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"))
                    .split(File.pathSeparator))
            .filter(entry -> entry.matches(".*/(jackson-|jakarta\\.annotation-api-)[^/]*\\.jar"))
            .collect(Collectors.joining(File.pathSeparator));

    String _ =
        run(
            "java",
            Map.of(),
            Path.of(System.getProperty("java.home"), "bin", "javac").toString(),
            "-J-XX:TieredStopAtLevel=1",
            "-J-XX:+UseSerialGC",
            "-proc:none",
            "-d",
            "classes",
            "-cp",
            libraries,
            "@" + list);

    assertThat(
            run(
                "java",
                Map.of(),
                java("-cp", "classes" + File.pathSeparator + libraries, "Session")
                    .toArray(String[]::new)))
        .isEqualTo(SESSION);
  }

  /** This JVM's Java, for a program that is over soon. */
  private static List<String> java(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of(arguments));
    return command;
  }

  private static String session(String ending) {
    return SOURCE.resolve((ending.equals("java") ? "Session." : "session.") + ending).toString();
  }

  private static void copy(String file, Path directory) throws IOException {
    Path _ =
        Files.copy(
            SOURCE.resolve(file), directory.resolve(file), StandardCopyOption.REPLACE_EXISTING);
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** What a command says that ends well, run in the directory of a language. */
  private String run(String language, Map<String, String> more, String... command)
      throws Exception {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("VIRQ_URL", "http://127.0.0.1:" + port);
    environment.put("VIRQ_TOKEN", TOKEN);
    return new Tool(TARGET.resolve(language), TARGET.resolve(language + ".log"), environment)
        .succeed(List.of(command));
  }
}
