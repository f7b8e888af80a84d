package dev.virq.attacks.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The packaged program, unpacked, with an AOT cache made as the image's is. Made once, under {@code
 * target}. Its beans are not laid down by the build, as they are in the image: a start takes a
 * little longer here.
 */
final class CachedProgram {
  private static final Path HOME = Path.of("target", "attacks-cached").toAbsolutePath();
  private static final Path JAR = HOME.resolve("virq.jar");
  private static final Path CACHE = HOME.resolve("virq.aot");
  private static final long MAKE_SECONDS = 300;

  private CachedProgram() {}

  private static final class Made {
    static final List<String> OPTIONS = make();
  }

  /**
   * The words of a command that say what runs, after those of the JVM that say how.
   *
   * @throws IllegalStateException it could not be made
   */
  static List<String> options() {
    return Made.OPTIONS;
  }

  private static List<String> make() {
    if (Instance.JAR.isEmpty()) {
      throw new IllegalStateException("virq.attacks.options=cached needs virq.attacks.jar");
    }
    Path packaged = Path.of(Instance.JAR).toAbsolutePath();
    try {
      Files.createDirectories(HOME);
      run(
          List.of(
              "-Djarmode=tools",
              "-jar",
              packaged.toString(),
              "extract",
              "--force",
              "--destination",
              HOME.toString(),
              "--application-filename",
              JAR.getFileName().toString()));
      Files.deleteIfExists(CACHE);
      List<String> training = new ArrayList<>(Settings.jvm());
      training.addAll(List.of("-XX:AOTCacheOutput=" + CACHE, "-jar", JAR.toString(), "train"));
      // The management port decides about beans, and so about what is loaded.
      training.addAll(Instance.ARGUMENTS);
      run(training);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    if (!Files.exists(CACHE)) {
      throw new IllegalStateException("the training made no " + CACHE);
    }
    // A cache that does not fit ends the process at once, and is not passed over in silence.
    return List.of("-XX:AOTCache=" + CACHE, "-XX:AOTMode=on", "-jar", JAR.toString());
  }

  private static void run(List<String> options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(options);
    Path log = HOME.resolve("made.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      if (!process.waitFor(MAKE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IllegalStateException(command + " failed:\n" + Files.readString(log));
      }
    } finally {
      process.destroyForcibly();
    }
  }
}
