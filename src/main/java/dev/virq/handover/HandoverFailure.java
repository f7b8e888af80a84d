package dev.virq.handover;

import java.nio.file.Path;

/** The start has to stop: the directory cannot be used. */
public final class HandoverFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** As {@link #HandoverFailure(Path, String)}, of what may be no path. */
  public HandoverFailure(String directory, String why) {
    super("virq.handover: " + directory + ": " + why);
  }

  /** A directory, and what is wrong with it. */
  HandoverFailure(Path directory, String why) {
    this(directory.toString(), why);
  }
}
