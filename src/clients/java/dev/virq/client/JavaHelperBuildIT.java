package dev.virq.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The helper for Java as the artifact that its own pom makes. */
@Tag("thorough")
class JavaHelperBuildIT {
  private static final Path POM = Path.of("src/clients/java/pom.xml");
  private static final int JAVA_17 = 61;

  @Test
  void itsPomKeepsStepWithTheRoots() throws IOException {
    for (String artifact : List.of("spring-boot-starter-parent", "virq(?:-client)?")) {
      assertThat(version(POM, artifact)).isEqualTo(version(Path.of("pom.xml"), artifact));
    }
  }

  @Test
  void jarHasTheHelperForJava17AndNothingElse() throws Exception {
    Process maven =
        new ProcessBuilder(
                "./mvnw", "-q", "-f", POM.toAbsolutePath().toString(), "clean", "package")
            .redirectErrorStream(true)
            .redirectOutput(Path.of("target/virq-client.log").toFile())
            .start();
    try {
      // Only a hang takes as long.
      assertThat(maven.waitFor(8, TimeUnit.MINUTES)).isTrue();
      assertThat(maven.exitValue()).as("see target/virq-client.log").isZero();
    } finally {
      maven.descendants().forEach(ProcessHandle::destroyForcibly);
      maven.destroyForcibly();
    }
    String name = "virq-client-" + version(POM, "virq-client") + ".jar";
    try (JarFile jar = new JarFile(Path.of("target/virq-client", name).toFile())) {
      List<String> classes =
          jar.stream().map(Object::toString).filter(one -> one.endsWith(".class")).toList();
      assertThat(classes)
          .contains(
              "dev/virq/client/Sandbox.class",
              "dev/virq/client/junit/VirqExtension.class",
              "dev/virq/client/testcontainers/VirqContainer.class")
          .allMatch(one -> one.startsWith("dev/virq/client/"))
          .noneMatch(one -> one.matches(".*(Test|IT)(\\$\\w+)?\\.class"));
      try (DataInputStream bytes =
          new DataInputStream(jar.getInputStream(jar.getEntry(classes.getFirst())))) {
        assertThat(bytes.readInt()).isEqualTo(0xCAFEBABE);
        assertThat(bytes.readUnsignedShort()).isZero();
        assertThat(bytes.readUnsignedShort()).isEqualTo(JAVA_17);
      }
    }
  }

  /** The first version behind an artifact's name. */
  private static String version(Path pom, String artifact) throws IOException {
    Matcher version =
        Pattern.compile("<artifactId>" + artifact + "</artifactId>\\s*<version>([^<]+)</version>")
            .matcher(Files.readString(pom));
    assertThat(version.find()).as("%s in %s", artifact, pom).isTrue();
    return version.group(1);
  }
}
