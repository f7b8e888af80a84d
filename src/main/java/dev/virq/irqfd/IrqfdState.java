package dev.virq.irqfd;

/** Where a binding stands; it only moves forward. */
public enum IrqfdState {
  /** Bound. */
  ACTIVE,
  /** The eventfd is free again; nothing wakes the irqfd any more. */
  UNHOOKED,
  /** Queued injections are waited for. */
  FLUSHING,
  /** The pointer to the VM is null. */
  DISCONNECTED,
  /** The grace period is waited for. */
  GRACE,
  /** Gone. */
  FREED
}
