package dev.virq.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;

/** Reads the chart's own files. */
final class Metadata {
  private Metadata() {}

  /** Chart.yaml. */
  static JsonNode chart() {
    return Yaml.one(file("Chart.yaml"));
  }

  /** A file of the chart, as text. */
  static String file(String name) {
    try {
      return Files.readString(Chart.SOURCE.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
