package dev.virq.chip;

/** What drives a line; the line is high while any source holds it high. */
public enum IrqSource {
  /** Line calls of the user, and plain irqfds: KVM_USERSPACE_IRQ_SOURCE_ID. */
  USER,
  /** Resample irqfds: KVM_IRQFD_RESAMPLE_IRQ_SOURCE_ID. */
  RESAMPLE,
  /** The PIT: KVM_PIT_IRQ_SOURCE_ID. */
  PIT
}
