package dev.virq.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/** Installs packages of JavaScript in the versions that a lock file names. */
public final class Npm {
  private static final List<String> FILES = List.of("package.json", "package-lock.json");

  private Npm() {}

  /**
   * Installs what the two files of the first directory name into the second, unless it is there.
   *
   * @return how npm ended
   */
  public static Tool.Result install(Path source, Path target)
      throws IOException, InterruptedException {
    Path _ = Files.createDirectories(target);
    // Written last by npm: what an interrupted run left behind has none.
    boolean there = Files.exists(target.resolve("node_modules/.package-lock.json"));
    for (String file : FILES) {
      Path copy = target.resolve(file);
      there &= Files.exists(copy) && Files.mismatch(source.resolve(file), copy) == -1;
      Path _ = Files.copy(source.resolve(file), copy, StandardCopyOption.REPLACE_EXISTING);
    }
    return there
        ? new Tool.Result(0, "")
        : new Tool(target, target.resolve("npm.log"), Map.of())
            .run(
                List.of(
                    "npm",
                    "ci",
                    "--prefer-offline",
                    "--ignore-scripts",
                    "--no-audit",
                    "--no-fund",
                    "--no-update-notifier"));
  }
}
