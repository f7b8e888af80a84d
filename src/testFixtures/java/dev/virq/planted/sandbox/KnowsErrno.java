package dev.virq.planted.sandbox;

import dev.virq.planted.errno.KnowsTheSandbox;

/** Allowed by the table, and half of a cycle. */
public final class KnowsErrno {
  /** The import. */
  public static final Class<?> RIGHT = KnowsTheSandbox.class;

  private KnowsErrno() {}
}
