package dev.virq.sync;

/** A wait that an interrupt cuts short, such as {@link Object#wait()}. */
@FunctionalInterface
public interface InterruptibleWait {
  /**
   * Waits.
   *
   * @throws InterruptedException when the calling thread was interrupted
   */
  void await() throws InterruptedException;
}
