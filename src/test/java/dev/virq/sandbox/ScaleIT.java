package dev.virq.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * 100,000 irqfds in one sandbox, 10,000 idle sandboxes, and 100,000 timers that run, each in a heap
 * of 512 MiB.
 */
@Tag("thorough")
class ScaleIT {
  @ParameterizedTest
  @ValueSource(strings = {"pairs", "sandboxes", "timers"})
  void fitsInAHeapOf512Mebibytes(String what) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Scale.class.getName(),
                what)
            .redirectErrorStream(true)
            .start();

    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();

    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    System.out.println(output.indent(2));
    assertThat(process.exitValue()).as(output).isZero();
    assertThat(output).containsPattern("[1-9][0-9]* bytes");
  }
}
