package dev.virq.conformance;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.SoftReference;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The recordings to replay: those of the test resources, and those of a directory named by hand.
 */
public final class Recordings {
  /** Names the directory. */
  private static final String PROPERTY = "virq.conformance";

  /** Reads integers whole: they go up to 2^64-1. */
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS).build();

  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  /** Those of the test resources, which are read once; given up when memory is short. */
  @GuardedBy("Recordings.class")
  private static SoftReference<List<Recording>> read = new SoftReference<>(null);

  private Recordings() {}

  /** All of them, in order of their files. */
  public static List<Recording> all() {
    List<Recording> all = new ArrayList<>(ofResources());
    String directory = System.getProperty(PROPERTY, "");
    if (!directory.isEmpty()) {
      all.addAll(below(Path.of(directory)));
    }
    return all;
  }

  /** The object that is this JSON. */
  public static Map<String, Object> object(String json) {
    return JSON.readValue(json, OBJECT);
  }

  /** The JSON of these members, on one line. */
  public static String json(Map<String, Object> members) {
    return JSON.writeValueAsString(members);
  }

  /** The step that comes back when these members go over the wire. */
  public static Recording.Step step(Map<String, Object> members) {
    return Recording.Step.of(object(JSON.writeValueAsString(members)));
  }

  private static synchronized List<Recording> ofResources() {
    List<Recording> known = read.get();
    if (known == null) {
      known = below(bundled());
      read = new SoftReference<>(known);
    }
    return known;
  }

  private static Path bundled() {
    try {
      return Path.of(Recordings.class.getResource("/conformance").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static List<Recording> below(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).sorted().flatMap(Recordings::of).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<Recording> of(Path file) {
    String name = file.getFileName().toString();
    if (name.endsWith(".json")) {
      return Stream.of(recording(text(file, false)));
    }
    boolean packed = name.endsWith(".jsonl.gz");
    if (packed || name.endsWith(".jsonl")) {
      return text(file, packed).lines().filter(line -> !line.isBlank()).map(Recordings::recording);
    }
    return Stream.empty();
  }

  private static String text(Path file, boolean packed) {
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = packed ? new GZIPInputStream(raw) : raw) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Recording recording(String json) {
    Map<String, Object> members = object(json);
    List<Map<String, Object>> steps =
        JSON.convertValue(members.get("steps"), new TypeReference<>() {});
    return new Recording(
        (String) members.get("name"),
        ((Number) members.get("tier")).intValue(),
        steps.stream().map(Recording.Step::of).toList());
  }
}
