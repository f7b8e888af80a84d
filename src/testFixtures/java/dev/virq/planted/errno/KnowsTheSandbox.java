package dev.virq.planted.errno;

import dev.virq.planted.sandbox.KnowsErrno;

/** The lowest package knows the highest. */
public final class KnowsTheSandbox {
  /** The import. */
  public static final Class<?> WRONG = KnowsErrno.class;

  private KnowsTheSandbox() {}
}
