package dev.virq.eventfd;

/** What became of one accepted signal. Each gets exactly one. */
public enum Outcome {
  /** The line was pulsed and rose. */
  INJECTED,
  /** Merged into an injection that was queued already and starts after it. */
  COALESCED_PENDING,
  /** The line was pulsed but was high already: no edge. */
  COALESCED_LINE,
  /** The line leads to no controller pin: consumed, nothing else. */
  IGNORED_UNROUTED,
  /** The irqfd was severed by hang-up or de-assign before the injection read the VM. */
  DROPPED_DEACTIVATED,
  /** The irqfd was severed by the VM's close before the injection read the VM. */
  DROPPED_VM_GONE,
  /** No irqfd was bound: the counter keeps it. */
  NOT_BOUND,
  /** A bug stopped the injection; never expected. */
  FAILED;

  /** Whether the injection reached the VM's interrupt controller. */
  public boolean reachedVm() {
    return this == INJECTED || this == COALESCED_LINE || this == IGNORED_UNROUTED;
  }

  /** Whether the injection found the relation severed. */
  public boolean severed() {
    return this == DROPPED_DEACTIVATED || this == DROPPED_VM_GONE;
  }
}
