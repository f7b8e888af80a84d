package dev.virq.init;

import dev.virq.errno.ErrnoException;
import dev.virq.limits.Limits;
import dev.virq.sandbox.Condition;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.SandboxSpec;
import dev.virq.sandbox.Sandboxes;
import dev.virq.script.Result;
import dev.virq.script.Script;
import dev.virq.script.ScriptRunner;
import dev.virq.share.Turn;
import dev.virq.snapshot.Snapshot;
import dev.virq.snapshot.Snapshots;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Fills sandboxes from a file: a document of sandboxes when its name ends in .yaml, .yml or .json,
 * and otherwise a script, which is run in the default sandbox. What the scripts make stays.
 *
 * <p>One thread, before anybody else calls.
 */
public final class InitFile {
  private static final List<String> DOCUMENTS = List.of(".yaml", ".yml", ".json");

  private final Path file;
  private final long maxBytes;
  private final Limits limits;
  private final Sandboxes sandboxes;

  /**
   * A file that has not been read yet.
   *
   * @param maxBytes how long it may be
   */
  public InitFile(Path file, long maxBytes, Sandboxes sandboxes) {
    this.file = file;
    this.maxBytes = maxBytes;
    this.limits = sandboxes.limits();
    this.sandboxes = sandboxes;
  }

  /**
   * Reads all of it, then makes what it says.
   *
   * @param there names of sandboxes that were filled before, and are left as they are
   * @return how many sandboxes it filled
   * @throws InitFailure when anything of it cannot be read or is refused, naming the line
   */
  public int load(Set<String> there) {
    String text = InitText.of(file, maxBytes);
    String name = file.toString().toLowerCase(Locale.ROOT);
    List<InitSandbox> all =
        DOCUMENTS.stream().anyMatch(name::endsWith)
            ? new InitDocument(
                    file, limits, sandboxes.memoryLimits(), sandboxes.defaultWorkers(), maxBytes)
                .read(text)
            : List.of(
                new InitSandbox(
                    1,
                    new SandboxSpec(Sandboxes.DEFAULT, null, sandboxes.defaultWorkers(), Map.of()),
                    null,
                    text,
                    1));
    // All scripts are read before anything is made.
    List<Script> scripts = all.stream().map(this::parsed).toList();
    int filled = 0;
    for (int i = 0; i < all.size(); i++) {
      if (!there.contains(all.get(i).settings().name())) {
        run(all.get(i), scripts.get(i), sandbox(all.get(i)));
        filled++;
      }
    }
    return filled;
  }

  private Script parsed(InitSandbox one) {
    try {
      return Script.parse(
          one.script() == null ? "" : one.script(),
          one.settings().limits().of(limits).scriptLines());
    } catch (ErrnoException e) {
      throw refusal(one, e);
    }
  }

  private Sandbox sandbox(InitSandbox one) {
    try {
      if (one.settings().name().equals(Sandboxes.DEFAULT)) {
        return sandboxes.find(Sandboxes.DEFAULT);
      }
      Snapshot from = one.from();
      return from == null
          ? sandboxes.create(one.settings())
          : sandboxes.create(one.settings(), host -> Snapshots.restore(host, from), Condition.NONE);
    } catch (ErrnoException e) {
      throw new InitFailure(file, one.line(), e.errno() + ", " + e.sentence());
    }
  }

  private void run(InitSandbox one, Script script, Sandbox sandbox) {
    long timeoutNanos = sandbox.host().limits().maxWait().toNanos();
    try (ScriptRunner runner = new ScriptRunner(sandbox.host(), timeoutNanos, Turn.ALONE, true)) {
      for (Result result : runner.run(script)) {
        // What a rig shall find has not been made.
        if (result.errno() != null) {
          throw new InitFailure(
              file,
              one.lineOf(result.operation().line()),
              result.operation() + " is refused with " + result.errno());
        }
      }
    } catch (ErrnoException e) {
      throw refusal(one, e);
    }
  }

  private InitFailure refusal(InitSandbox one, ErrnoException e) {
    Object line = e.facts().get("line");
    if (!(line instanceof Integer number)) {
      return new InitFailure(file, one.line(), e.sentence());
    }
    String why = e.sentence().replaceFirst("^line " + number + ": ", "");
    return one.scriptLine() == 0
        ? new InitFailure(file, one.line(), "line " + number + " of the script: " + why)
        : new InitFailure(file, one.lineOf(number), why);
  }
}
