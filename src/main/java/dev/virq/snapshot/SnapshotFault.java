package dev.virq.snapshot;

/** A document that is no snapshot, or one that no host can have been. */
public final class SnapshotFault extends RuntimeException {
  private static final int SHOWN = 80;

  private static final long serialVersionUID = 1L;

  private final String pointer;

  /**
   * A fault.
   *
   * @param pointer the member's path, such as {@code /vms/0/number}
   * @param sentence what is wrong with it
   */
  public SnapshotFault(String pointer, String sentence) {
    super(sentence);
    this.pointer = pointer;
  }

  /** The member's path. */
  public String pointer() {
    return pointer;
  }

  /** What is wrong with it. */
  public String sentence() {
    return String.valueOf(getMessage());
  }

  /** As much of a text as a sentence says. */
  static String shown(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
  }
}
