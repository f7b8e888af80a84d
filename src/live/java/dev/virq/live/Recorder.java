package dev.virq.live;

import dev.virq.conformance.Recording;
import dev.virq.script.Script;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Makes recordings of scripts that people wrote: files NAME.txt, whose first line is {@code #} and
 * the title.
 */
final class Recorder {
  private static final String SCRIPT = ".txt";

  private final Function<Script, List<Recording.Step>> kernel;

  /**
   * Records what this answers.
   *
   * @param kernel runs a script from nothing
   */
  Recorder(Function<Script, List<Recording.Step>> kernel) {
    this.kernel = kernel;
  }

  /**
   * Records every script of the directory; NAME.json stands beside it then.
   *
   * @return how many
   */
  int record(Path directory) throws IOException {
    List<Path> scripts;
    try (Stream<Path> files = Files.list(directory)) {
      scripts = files.filter(file -> file.toString().endsWith(SCRIPT)).sorted().toList();
    }
    scripts.forEach(this::recordOne);
    return scripts.size();
  }

  private void recordOne(Path file) {
    String name = file.getFileName().toString();
    name = name.substring(0, name.length() - SCRIPT.length());
    try {
      String json = json(name, Files.readString(file));
      Path _ = Files.writeString(file.resolveSibling(name + ".json"), json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The recording.
   *
   * @throws AssertionError when there is no title, or the answers differ from one run to the next
   */
  String json(String name, String text) {
    if (!text.startsWith("# ") || text.lines().findFirst().orElseThrow().contains("\"")) {
      throw new AssertionError(name + ": the first line has to be # and a title without quotes");
    }
    Script script = Script.parse(text, Integer.MAX_VALUE);
    List<Recording.Step> steps = kernel.apply(script);
    // What differs the second time is chance, and would fail every replay but some.
    new Recording(name, 1, steps).require(kernel.apply(script));
    return Scenario.json(name, text.lines().findFirst().orElseThrow().substring(2), steps);
  }
}
