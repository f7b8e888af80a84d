package dev.virq.protocol;

import dev.virq.eventfd.Signal;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The request that waits for an injection: the signal that the next one answers, and at the same
 * time the pending bit. Not null exactly while a request waits; those that come meanwhile are
 * merged with it. Set by the thread that writes, taken by the thread that injects.
 */
public class PendingRequest extends AtomicReference<@Nullable Signal> {
  private static final long serialVersionUID = 1L;

  /**
   * The injection begins, and takes the request: a wake-up from here on asks for one more.
   *
   * @return the signal that it answers; null when there is no request
   */
  public @Nullable Signal begin() {
    return getAndSet(null);
  }

  /** The injection has ended. */
  public void end() {}
}
