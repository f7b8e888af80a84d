package dev.virq.eventfd;

import dev.virq.trace.Subject;
import org.jspecify.annotations.Nullable;

/**
 * What is hooked into an eventfd's wait queue: {@code wait_queue_entry}. The object itself is the
 * entry, so that what was hooked is what is unhooked.
 */
public interface WaitQueueEntry extends Subject {
  /** The entry was hooked. Wait-queue lock held: must not block. */
  void hooked();

  /**
   * Something happened. Wait-queue lock held: must not block, take other locks than leaf locks, or
   * call back.
   *
   * @param events bits of {@link PollEvent}, one or more
   * @param signal the write that caused {@link PollEvent#POLLIN}; {@link Signal#UNTRACKED}
   *     otherwise
   */
  void wake(int events, Signal signal);

  /** The waiter that a write is said to wake: this entry, or the first of its parts. */
  default WaitQueueEntry first() {
    return this;
  }

  /** Whether a waiter is this entry, or a part of it. Wait-queue lock held. */
  @SuppressWarnings("ReferenceEquality") // the entry itself, as in a list: its identity is meant
  default boolean includes(WaitQueueEntry waiter) {
    return this == waiter;
  }

  /** What stays hooked when a waiter that this includes is unhooked. Wait-queue lock held. */
  default @Nullable WaitQueueEntry without(WaitQueueEntry waiter) {
    return null;
  }
}
