package dev.virq.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.virq.testing.Npm;
import dev.virq.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * The helpers of the other languages, each tested by its own tests under its own runner, against
 * this server, which asks for a token and lets it see a prefix only. Python and Node have to be
 * there; pytest and Go are missing on some machines.
 */
@Tag("thorough")
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class HelpersIT {
  private static final Path CLIENTS = Path.of("src/clients").toAbsolutePath();
  private static final Path OUTPUT = Path.of("target/clients").toAbsolutePath();

  private static final String TOKEN = "of-the-helpers-0123456789abcdef";
  private static final String PREFIX = "helpers-";

  @TempDir static Path directory;
  @LocalServerPort int port;
  @Autowired BuildProperties build;

  @DynamicPropertySource
  static void tokens(DynamicPropertyRegistry settings) throws IOException {
    Path file = Files.writeString(directory.resolve("tokens"), PREFIX + ": " + TOKEN + "\n");
    settings.add("virq.access.tokens-file", file::toString);
  }

  @Test
  void pythonWithNothingButItsLibrary() throws Exception {
    assertThat(passed("python", List.of("python3", "-m", "unittest", "-v", "test_virq")))
        .containsPattern("test_vm_closed_while_a_reader_is_held .*\\.\\.\\. ok")
        .containsPattern("Ran \\d\\d tests");
  }

  @Test
  void pythonUnderPytest() throws Exception {
    for (String python : List.of("python3", "/usr/bin/python3")) {
      if (Tool.exists(python, "-c", "import pytest")) {
        assertThat(
                passed("python", List.of(python, "-m", "pytest", "-v", "-p", "no:cacheprovider")))
            .contains("test_example.py::test_vm_closed_while_a_reader_is_held PASSED")
            .contains("test_level.py::test_level_triggered_round PASSED")
            .contains("test_pytest_virq.py::test_leak_fails_the_test_and_is_named PASSED")
            .containsPattern("\\d\\d passed");
        return;
      }
    }
    abort("no python3 with pytest; Debian's package is python3-pytest");
  }

  @Test
  void typesOfPython() throws Exception {
    for (String python : List.of("python3", "/usr/bin/python3")) {
      if (Tool.exists(python, "-m", "mypy", "--version")) {
        List<String> command =
            List.of(
                python,
                "-m",
                "mypy",
                "--strict",
                "--cache-dir=/dev/null",
                "virq",
                "types_check.py");
        assertThat(passed("python", command)).contains("no issues found in 5 source files");
        return;
      }
    }
    abort("no python3 with mypy; Debian's package is python3-mypy");
  }

  @Test
  void typesOfJavaScript() throws Exception {
    Path compiler = Path.of("target/generated-clients/typescript-compiler").toAbsolutePath();
    Tool.Result installed = Npm.install(CLIENTS.resolve("generated"), compiler);
    assertThat(installed.status()).as(installed.output()).isZero();
    List<String> command = new ArrayList<>();
    command.add(compiler.resolve("node_modules/.bin/tsc").toString());
    command.addAll(List.of("--noEmit", "--strict", "--allowJs", "--checkJs", "--types", ""));
    command.addAll(List.of("--module", "nodenext", "--target", "es2022", "types.check.js"));
    assertThat(passed("js", command)).isEmpty();
  }

  @Test
  void javaScriptUnderNode() throws Exception {
    assertThat(passed("js", List.of("node", "--test", "--test-reporter=tap")))
        .containsPattern("(?m)^ok \\d+ - VM closed while a reader is held$")
        .containsPattern("(?m)^ok \\d+ - level-triggered round$")
        .containsPattern("# pass \\d\\d");
  }

  @Test
  void go() throws Exception {
    assumeTrue(Tool.exists("go", "version"), "no go on the path");
    assertThat(passed("go", List.of("go", "vet", "."))).isEmpty();
    assertThat(passed("go", List.of("gofmt", "-l", "."))).isEmpty();
    assertThat(passed("go", List.of("go", "test", "-count=1", "-v", ".")))
        .contains("--- PASS: TestVMClosedWhileAReaderIsHeld")
        .contains("--- PASS: TestLevelTriggeredRound")
        .contains("--- PASS: TestWhatIsLeftOpenIsNamed");
  }

  /** What a run says that ends well. */
  private String passed(String language, List<String> command) throws Exception {
    Map<String, String> environment = new HashMap<>();
    environment.put("VIRQ_URL", "http://127.0.0.1:" + port);
    environment.put("VIRQ_TOKEN", TOKEN);
    environment.put("VIRQ_PREFIX", PREFIX);
    environment.put("VIRQ_JAVA", ProcessHandle.current().info().command().orElse("java"));
    Path jar = Path.of("target/virq-" + build.getVersion() + ".jar").toAbsolutePath();
    if (Files.exists(jar)) {
      environment.put("VIRQ_JAR", jar.toString());
    }
    // Nothing is written beside the sources, and nothing is fetched.
    environment.put("PYTHONDONTWRITEBYTECODE", "1");
    environment.put("GOCACHE", OUTPUT.resolve("go-cache").toString());
    environment.put("GOPROXY", "off");
    environment.put("GOTOOLCHAIN", "local");
    return new Tool(CLIENTS.resolve(language), OUTPUT.resolve(language + ".log"), environment)
        .succeed(command);
  }
}
