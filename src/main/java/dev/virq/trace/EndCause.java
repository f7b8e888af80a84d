package dev.virq.trace;

/** What ended a binding. */
public enum EndCause implements Detail {
  /** The last descriptor of the eventfd was closed. */
  HANGUP,
  /** De-assign was asked for. */
  DEASSIGN,
  /** The VM was closed. */
  VM_RELEASE,
  /** The sandbox was reset or deleted. */
  RESET,
  /** The sandbox's lease ran out. */
  LEASE;

  @Override
  public String label() {
    return name();
  }
}
