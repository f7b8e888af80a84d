package dev.virq.protocol;

/** How the events of a wake-up are read: the key of {@code irqfd_wakeup}. */
@FunctionalInterface
public interface WakeKey {
  /** Bits, not equality: a wake-up may carry several events. */
  WakeKey BITS = (events, event) -> (events & event) != 0;

  /**
   * Whether a wake-up carries an event. Wait-queue lock held: must not block.
   *
   * @param events bits of {@link dev.virq.eventfd.PollEvent}
   * @param event one of them
   */
  boolean carries(int events, int event);
}
