package dev.virq.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A copy of the chart with values of its own, rendered by Helm.
 *
 * <p>The library leaves out hooks and NOTES.txt. In the copy both are ordinary objects, so that
 * they are looked at like everything else: the test pod, and a ConfigMap called {@code notes}.
 */
final class Chart {
  /** Where the chart is. */
  static final Path SOURCE = Path.of("helm/virq");

  /** The version of Kubernetes that is rendered for, unless said otherwise. */
  static final String KUBERNETES = "1.33.0";

  /** What was rendered already. Most tests look at the same few combinations. */
  private static final Map<List<String>, String> RENDERED = new ConcurrentHashMap<>();

  private final Path directory;
  private final String values;

  private Chart(Path directory, String values) {
    this.directory = directory;
    this.values = values;
  }

  /** The chart with these values, in YAML, laid over its own; copied into the directory. */
  static Chart with(Path directory, String values) {
    return new Chart(directory, values);
  }

  /** What Helm's strict lint has to say; empty when it is content. */
  List<String> complaints() {
    LintResult result = new Helm(copy()).lint().strict().call();
    return result.isFailed() ? result.getMessages() : List.of();
  }

  /** The objects, in Helm's order. */
  List<JsonNode> objects() {
    return objects(KUBERNETES);
  }

  /** The objects for that version of Kubernetes. */
  List<JsonNode> objects(String kubernetes) {
    return Yaml.all(text(kubernetes));
  }

  /** What Helm prints. Fails with Helm's message when the chart refuses the values. */
  String text(String kubernetes) {
    return RENDERED.computeIfAbsent(
        List.of(values, kubernetes),
        key ->
            new Helm(copy())
                .template()
                .withName("demo")
                .withNamespace("lab")
                .withKubeVersion(kubernetes)
                .call());
  }

  /** The only object of that kind and name. */
  JsonNode object(String kind, String name) {
    List<JsonNode> found =
        objects().stream()
            .filter(one -> one.path("kind").asText().equals(kind))
            .filter(one -> one.at("/metadata/name").asText().equals(name))
            .toList();
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " objects are " + kind + " " + name);
    }
    return found.getFirst();
  }

  /** Kind and name of every object, in alphabetical order. */
  List<String> names() {
    return objects().stream()
        .map(one -> one.path("kind").asText() + " " + one.at("/metadata/name").asText())
        .sorted()
        .toList();
  }

  private Path copy() {
    try {
      Path copy = Files.createTempDirectory(directory, "chart").resolve("virq");
      copyTo(copy);
      ObjectNode merged = (ObjectNode) Yaml.one(Files.readString(SOURCE.resolve("values.yaml")));
      if (!values.isBlank()) {
        Yaml.lay((ObjectNode) Yaml.one(values), merged);
      }
      // JSON is YAML.
      Files.writeString(copy.resolve("values.yaml"), merged.toPrettyString());
      Path test = copy.resolve("templates/tests/five-steps.yaml");
      Files.writeString(test, Files.readString(test).replace("helm.sh/hook\"", "a-hook\""));
      Files.writeString(copy.resolve("templates/notes.yaml"), notes());
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copyTo(Path copy) throws IOException {
    try (Stream<Path> files = Files.walk(SOURCE)) {
      for (Path file : files.toList()) {
        Path target = copy.resolve(SOURCE.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  private static String notes() throws IOException {
    String begin = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: notes\ndata:\n  notes: |\n";
    return Files.readString(SOURCE.resolve("templates/NOTES.txt"))
        .lines()
        .map(line -> "    " + line)
        .collect(Collectors.joining("\n", begin, "\n"));
  }
}
