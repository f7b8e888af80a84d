package dev.virq.sync;

/**
 * A wait that an interrupt cuts short, such as {@link Object#wait()}.
 *
 * <p>Written as a lambda, not as a method reference: the tests record which locks are held where
 * the product waits, and the call behind a method reference is not visible in any class of the
 * product.
 */
@FunctionalInterface
public interface InterruptibleWait {
  /**
   * Waits.
   *
   * @throws InterruptedException when the calling thread was interrupted
   */
  void await() throws InterruptedException;
}
