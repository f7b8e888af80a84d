package dev.virq.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar of the domain, with the program of {@code domain.md}. */
class DomainJarIT {
  private static final Path PAGE = Path.of("src/docs/domain.md");

  @TempDir Path directory;

  private static Path jar() throws IOException {
    Path target = Path.of("target");
    List<Path> jars = List.of();
    if (Files.isDirectory(target)) {
      try (Stream<Path> files = Files.list(target)) {
        jars = files.filter(file -> file.toString().endsWith("-domain.jar")).toList();
      }
    }
    assumeTrue(jars.size() == 1, "no jar of the domain in target: " + jars);
    return jars.getFirst();
  }

  /** The block of the page in that language. */
  private static String block(String language) throws IOException {
    Matcher block =
        Pattern.compile("(?s)```" + language + "\n(.*?)```").matcher(Files.readString(PAGE));
    assertThat(block.find()).as("a block of %s in %s", language, PAGE).isTrue();
    return block.group(1);
  }

  @Test
  void holdsTheDomainAndNothingElse() throws IOException {
    try (JarFile jar = new JarFile(jar().toFile())) {
      List<String> packages =
          jar.stream()
              .map(entry -> entry.getName())
              .filter(name -> name.endsWith(".class"))
              .map(name -> name.substring(0, name.lastIndexOf('/')))
              .distinct()
              .toList();

      assertThat(packages)
          .contains("dev/virq/host", "dev/virq/srcu", "dev/virq/script")
          .allMatch(name -> name.matches("dev/virq/[a-z]+"))
          .doesNotContainAnyElementsOf(
              List.of(
                  "dev/virq/api",
                  "dev/virq/cli",
                  "dev/virq/config",
                  "dev/virq/init",
                  "dev/virq/launch",
                  "dev/virq/metrics"));
    }
  }

  @Test
  void programOfThePageRunsOnThatJarAlone() throws Exception {
    Path source = Files.writeString(directory.resolve("HeldReader.java"), block("java"));
    StringWriter complaints = new StringWriter();
    boolean compiled =
        ToolProvider.getSystemJavaCompiler()
            .getTask(
                complaints,
                null,
                null,
                List.of("-proc:none", "-cp", jar().toString(), "-d", directory.toString()),
                null,
                ToolProvider.getSystemJavaCompiler()
                    .getStandardFileManager(null, null, UTF_8)
                    .getJavaFileObjects(source))
            .call();
    assertThat(compiled).as(complaints.toString()).isTrue();

    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                jar() + File.pathSeparator + directory,
                "HeldReader")
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);

    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).isEqualTo(block("text"));
  }
}
