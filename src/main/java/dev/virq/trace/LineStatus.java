package dev.virq.trace;

/** What the controller made of a line that was raised, as KVM_IRQ_LINE_STATUS reports it. */
public enum LineStatus implements Detail {
  /** Accepted by at least one vCPU, or latched. */
  DELIVERED,
  /** Merged with a request that is not acknowledged yet. */
  COALESCED,
  /** Masked, waiting for the end of the last one, or leading nowhere. */
  IGNORED;

  @Override
  public String label() {
    return name();
  }

  /** From the number: more than 0, 0, or less. */
  public static LineStatus of(int status) {
    if (status > 0) {
      return DELIVERED;
    }
    return status == 0 ? COALESCED : IGNORED;
  }
}
