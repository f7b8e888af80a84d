package dev.virq.eventfd;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import java.util.Map;

/** What becomes of a waiter that is to be hooked beside another. */
@FunctionalInterface
public interface SecondWaiter {
  /** It is refused: {@code add_wait_queue_priority_exclusive}. */
  SecondWaiter REFUSED =
      (id, bound, waiter) -> {
        throw new ErrnoException(
            Errno.EBUSY,
            "eventfd efd-%d is bound to vm-%d GSI %d by irqfd-%d"
                .formatted(id, bound.vmId(), bound.gsi(), bound.irqfdId()),
            Map.of(
                "conflict",
                Map.of(
                    "irqfd", "irqfd-" + bound.irqfdId(),
                    "vm", "vm-" + bound.vmId(),
                    "gsi", bound.gsi())));
      };

  /**
   * One entry for both. Wait-queue lock held: must not block.
   *
   * @param id the eventfd's number
   * @param bound what is hooked
   * @param waiter what is to be hooked
   * @throws ErrnoException EBUSY when an eventfd has one waiter only; nothing is changed
   */
  WaitQueueEntry beside(long id, WaitQueueEntry bound, WaitQueueEntry waiter);
}
