package dev.virq.access;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import jakarta.servlet.http.HttpServletRequest;

/**
 * The sandboxes that a caller may know of: those whose names begin with a prefix.
 *
 * @param prefix of their names; empty for everything
 */
public record Reach(String prefix) {
  /** Every sandbox, and the instance. */
  public static final Reach EVERYTHING = new Reach("");

  private static final String ATTRIBUTE = Reach.class.getName();

  /** What the caller may know of: everything unless its token says otherwise. */
  public static Reach of(HttpServletRequest request) {
    return request.getAttribute(ATTRIBUTE) instanceof Reach reach ? reach : EVERYTHING;
  }

  /** Puts it where {@link #of} finds it. */
  void grant(HttpServletRequest request) {
    request.setAttribute(ATTRIBUTE, this);
  }

  /** Whether it has no bound. */
  boolean isEverything() {
    return prefix.isEmpty();
  }

  /** Whether a sandbox of that name is within it. */
  public boolean includes(String sandbox) {
    return sandbox.startsWith(prefix);
  }

  /**
   * Refuses a sandbox outside of it, whether or not there is one of that name.
   *
   * @throws ErrnoException EPERM
   */
  public void require(String sandbox) {
    if (!includes(sandbox)) {
      throw refusal(sandbox);
    }
  }

  /** The refusal of a sandbox outside of it. */
  ErrnoException refusal(String sandbox) {
    return new ErrnoException(
        Errno.EPERM,
        "the token reaches sandboxes whose names begin with %s, and \"%s\" does not"
            .formatted(prefix, Refusals.shown(sandbox)));
  }
}
