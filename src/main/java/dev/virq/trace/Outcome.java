package dev.virq.trace;

/** What became of one accepted signal. Each gets exactly one. */
public enum Outcome implements Detail {
  INJECTED("It reached the VM: the line was driven, whatever the interrupt controller made of it."),
  COALESCED_PENDING(
      "It was merged into an injection that waited already and began after it: one injection for"
          + " both."),
  IGNORED_UNROUTED("The line leads nowhere: the counter was consumed, and nothing else happened."),
  DROPPED_DEACTIVATED(
      "The irqfd was severed by the close of its eventfd or by a de-assign before the injection"
          + " read the VM."),
  DROPPED_VM_GONE("The irqfd was severed by the close of its VM before the injection read the VM."),
  NOT_BOUND("No irqfd was bound: what was written stays in the counter."),
  FAILED("A bug stopped the injection; never expected.");

  private final String meaning;

  Outcome(String meaning) {
    this.meaning = meaning;
  }

  /** What it says of the signal, as the documents have it. */
  public String meaning() {
    return meaning;
  }

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
