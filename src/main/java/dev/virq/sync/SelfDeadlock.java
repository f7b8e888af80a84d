package dev.virq.sync;

/**
 * A thread was about to wait for what only itself could do: what lockdep reports of a kernel.
 * Always a bug.
 */
public final class SelfDeadlock extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * A wait without end.
   *
   * @param sentence who waits for what
   */
  public SelfDeadlock(String sentence) {
    super(sentence);
  }
}
