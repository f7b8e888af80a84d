package dev.virq.eventfd;

/** Makes the signals that do not come from a write. Any thread, possibly under a lock. */
@FunctionalInterface
public interface SignalSource {
  /**
   * A signal not accepted yet: a counter that was not 0 when it was bound, or an end of interrupt.
   *
   * @param eventfd what it is a signal of
   */
  Signal signal(EventFd eventfd);
}
