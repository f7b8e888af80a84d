package dev.virq.attacks.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * How large and how long, from system properties: small in every build, full under {@code
 * -Pattacks}.
 */
public final class Settings {
  /** Whether attacks have their full size and percentiles are judged. */
  public static final boolean FULL = Boolean.getBoolean("virq.attacks.full");

  /**
   * Largest heap that the attacked process is given: by default what 512 MiB leave in the image.
   */
  private static final String HEAP = System.getProperty("virq.attacks.heap", "307m");

  /**
   * Options of the JVM: {@code image} for those of the image, {@code cached} for its AOT cache,
   * too, {@code plain} for none but the heap.
   */
  private static final String OPTIONS =
      System.getProperty("virq.attacks.options", FULL ? "cached" : "image");

  /** Whether what is packaged starts from an AOT cache. */
  static final boolean CACHED = OPTIONS.equals("cached");

  /** Caches that may go do go at each collection: what is left is what is needed. */
  private static final String EXACT = "-XX:SoftRefLRUPolicyMSPerMB=0";

  private Settings() {}

  /** A number, unless a property says another. */
  public static long number(String property, long small, long full) {
    return Long.getLong("virq.attacks." + property, FULL ? full : small);
  }

  /** Options of the JVM of an attacked process. */
  public static List<String> jvm() {
    Stream<String> options =
        switch (OPTIONS) {
          case "image", "cached" -> ofTheImage();
          case "plain" -> Stream.of();
          default ->
              throw new IllegalArgumentException(
                  "virq.attacks.options is image, cached or plain, not " + OPTIONS);
        };
    return Stream.concat(options, Stream.of("-Xmx" + HEAP, EXACT)).toList();
  }

  /** How the process is run, in words. */
  public static String shown() {
    return OPTIONS + " options, heap " + HEAP + (FULL ? ", full size" : ", small size");
  }

  /**
   * The options in the image's file, but for those that need the image: the share of its memory and
   * the beans laid down by its build.
   */
  private static Stream<String> ofTheImage() {
    try {
      return Files.readAllLines(Path.of("src/main/docker/jvm.options")).stream()
          .filter(line -> line.startsWith("-XX:") && !line.contains("RAMPercentage"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
