package dev.virq.schedule;

/**
 * Thrown at a choice point of a run that is given up, so that its threads end. An error, for
 * nothing may take it for a refusal and go on.
 */
public final class Halted extends Error {
  private static final long serialVersionUID = 1L;

  Halted() {
    super("the run is given up", null, false, false);
  }
}
