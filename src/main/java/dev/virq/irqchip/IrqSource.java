package dev.virq.irqchip;

/** Who drives a line; the line is high while anybody holds it. */
public enum IrqSource {
  /** Line calls of the user, and plain irqfds: KVM_USERSPACE_IRQ_SOURCE_ID. */
  USER,
  /** Resample irqfds: KVM_IRQFD_RESAMPLE_IRQ_SOURCE_ID. */
  RESAMPLE
}
