package dev.virq.sync;

/**
 * An object was used after its end, or ended twice: what KASAN reports of a kernel. Always a bug.
 */
public final class BrokenLifetime extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** What was wrong. */
  public enum Kind {
    /** It was used after it had ended. */
    USE_AFTER_FREE,
    /** It was ended a second time. */
    DOUBLE_FREE
  }

  private final Kind kind;
  private final String object;

  /**
   * A broken lifetime.
   *
   * @param object names it, such as vm-1
   * @param what happened to it, to follow the name in a sentence
   */
  public BrokenLifetime(Kind kind, String object, String what) {
    super(object + " " + what);
    this.kind = kind;
    this.object = object;
  }

  /** What was wrong. */
  public Kind kind() {
    return kind;
  }

  /** The object's name, such as vm-1. */
  public String object() {
    return object;
  }
}
