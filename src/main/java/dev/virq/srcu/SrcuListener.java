package dev.virq.srcu;

import java.util.function.BooleanSupplier;

/**
 * Is notified of what goes wrong in a domain, and of waits. Every method does nothing unless
 * overridden.
 *
 * <p>Called on the thread that found out, with no lock of the domain held. What a method throws
 * goes to that thread's uncaught-exception handler and changes nothing else.
 */
public interface SrcuListener {
  /** Ignores everything. */
  SrcuListener NONE = new SrcuListener() {};

  /**
   * A grace period has waited for longer than {@link SrcuOptions#stallAfter}; reported again after
   * three times that, for as long as it lasts. On the thread that waits.
   *
   * @param stall what is known about it
   */
  default void stalled(Stall stall) {}

  /**
   * A call without a time limit is about to wait: for readers, or for the grace period that another
   * call drives. On the thread that waits.
   *
   * @param over whether it need not wait any more; any thread may ask, takes leaf locks only
   */
  default void waiting(BooleanSupplier over) {}

  /** A callback threw; those after it still run. On the callbacks' thread. */
  default void callbackFailed(Throwable thrown) {}

  /**
   * More sections were ended than begun: no grace period of the domain ends any more. Reported
   * once.
   */
  default void poisoned() {}
}
