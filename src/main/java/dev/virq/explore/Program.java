package dev.virq.explore;

import dev.virq.script.Operation;
import dev.virq.script.Script;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;

/**
 * A concurrent program: a setup, which runs first and alone, actors, which run concurrently, and
 * what runs when everything has settled; with what every run is expected to show.
 *
 * @param setup runs first; after each operation all that it deferred is waited for
 * @param actors run concurrently, each in its order
 * @param end runs last, as the setup does
 * @param expectations what every run is judged by, besides {@link Report}s, which nobody expects
 * @param observed makes the outcome that runs are counted by
 */
public record Program(
    Script setup,
    List<Actor> actors,
    Script end,
    List<Expectation> expectations,
    List<Look> observed) {
  /** Name of what runs last. */
  static final String FINALLY = "finally";

  /** Name of what runs first. */
  static final String SETUP = "setup";

  /**
   * One thread.
   *
   * @param name its name
   * @param script what it does
   */
  public record Actor(String name, Script script) {}

  /** Copies the lists. */
  public Program {
    actors = List.copyOf(actors);
    expectations = List.copyOf(expectations);
    observed = List.copyOf(observed);
  }

  /**
   * Of all that the meaning of a schedule depends on: 16 digits.
   *
   * @param version of virq
   * @param defects names of those that are switched on
   */
  String checksum(String version, Collection<String> defects) {
    StringBuilder all = new StringBuilder(version);
    defects.stream().sorted().forEach(defect -> all.append("\ndefect ").append(defect));
    append(all, SETUP, setup);
    actors.forEach(actor -> append(all, "actor " + actor.name(), actor.script()));
    append(all, FINALLY, end);
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(all.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static void append(StringBuilder all, String section, Script script) {
    all.append('\n').append(section).append(':');
    for (Operation operation : script.operations()) {
      all.append('\n').append(operation);
    }
  }
}
