package dev.virq.sync;

/**
 * Thrown where a thread of a run that is given up would go on, so that it ends. An error, for
 * nothing may take it for a refusal and go on; whoever catches all errors throws it again.
 */
public final class Halted extends Error {
  private static final long serialVersionUID = 1L;

  /** Without a stack: every thread of the run throws one. */
  public Halted() {
    super("the run is given up", null, false, false);
  }
}
