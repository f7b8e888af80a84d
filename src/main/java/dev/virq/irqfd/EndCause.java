package dev.virq.irqfd;

/** What ended a binding. */
public enum EndCause {
  /** The last descriptor of the eventfd was closed. */
  HANGUP,
  /** De-assign was asked for. */
  DEASSIGN,
  /** The VM was closed. */
  VM_RELEASE,
  /** The sandbox was reset or deleted. */
  RESET,
  /** The sandbox's lease ran out. */
  LEASE
}
