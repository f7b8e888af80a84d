package dev.virq.planted.unmarked;

/** Its package has no package-info. */
public final class Unmarked {
  private Unmarked() {}
}
