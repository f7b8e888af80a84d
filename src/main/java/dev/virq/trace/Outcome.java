package dev.virq.trace;

/** What became of one accepted signal. Each gets exactly one. */
public enum Outcome implements Detail {
  /** It reached the VM: the line was driven, whatever the interrupt controller made of it. */
  INJECTED,
  /** Merged into an injection that was queued already and starts after it. */
  COALESCED_PENDING,
  /** The line leads nowhere: consumed, nothing else. */
  IGNORED_UNROUTED,
  /** The irqfd was severed by hang-up or de-assign before the injection read the VM. */
  DROPPED_DEACTIVATED,
  /** The irqfd was severed by the VM's close before the injection read the VM. */
  DROPPED_VM_GONE,
  /** No irqfd was bound: the signal stays in the counter. */
  NOT_BOUND,
  /** A bug stopped the injection; never expected. */
  FAILED;

  @Override
  public String label() {
    return name();
  }

  /** Whether the injection reached the VM's interrupt controller. */
  public boolean reachedVm() {
    return this == INJECTED || this == IGNORED_UNROUTED;
  }

  /** Whether the injection found the relation severed. */
  public boolean severed() {
    return this == DROPPED_DEACTIVATED || this == DROPPED_VM_GONE;
  }
}
