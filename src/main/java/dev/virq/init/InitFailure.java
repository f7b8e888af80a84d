package dev.virq.init;

import java.nio.file.Path;

/** The start has to stop: the file cannot be read, or a line of it cannot be done. */
public final class InitFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InitFailure(Path file, String why) {
    super("virq.init: " + file + ": " + why);
  }

  InitFailure(Path file, int line, String why) {
    super("virq.init: " + file + ", line " + line + ": " + why);
  }
}
