package dev.virq.errno;

import java.util.HashMap;
import java.util.Map;

/**
 * A refused call: the errno that the kernel would give and a sentence that names the offending
 * value.
 *
 * <p>Thrown by the simulated system calls on any thread; nothing was changed by the refused call,
 * unless it has the fact {@link #DONE}. Broken invariants are {@link IllegalStateException}s
 * instead and never reach a client as an errno of their own.
 */
public final class ErrnoException extends RuntimeException {
  /**
   * The fact of how many of its operations, one or more, a call had carried out when it was
   * refused. Only calls that are many in one have it.
   */
  public static final String DONE = "done";

  private static final long serialVersionUID = 1L;

  private final Errno errno;
  private final transient Map<String, Object> facts;

  /**
   * A refusal without further facts.
   *
   * @param errno what the kernel would answer
   * @param sentence names the value that was refused
   */
  public ErrnoException(Errno errno, String sentence) {
    this(errno, sentence, Map.of());
  }

  /**
   * A refusal with facts for machines, such as the irqfd that an eventfd is bound to.
   *
   * @param errno what the kernel would answer
   * @param sentence names the value that was refused
   * @param facts named values for the error's body; plain JDK types only
   */
  public ErrnoException(Errno errno, String sentence, Map<String, Object> facts) {
    // No stack trace: a refusal is an answer, and filling one in costs more than the call itself.
    super(sentence, null, false, false);
    this.errno = errno;
    this.facts = Map.copyOf(facts);
  }

  /** The same refusal of a call that had carried out so many operations by then. */
  public ErrnoException after(long operations) {
    if (operations == 0) {
      return this;
    }
    Map<String, Object> more = new HashMap<>(facts);
    more.put(DONE, operations);
    return new ErrnoException(errno, sentence(), more);
  }

  /** The error as Linux names it. */
  public Errno errno() {
    return errno;
  }

  /** Named values that belong to this occurrence. */
  public Map<String, Object> facts() {
    return facts;
  }

  /** The sentence that names the offending value. */
  public String sentence() {
    String message = getMessage();
    return message == null ? errno.title() : message;
  }
}
