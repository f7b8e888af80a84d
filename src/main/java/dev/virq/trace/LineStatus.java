package dev.virq.trace;

/** What the controller made of a line that was raised, as KVM_IRQ_LINE_STATUS reports it. */
public enum LineStatus implements Detail {
  DELIVERED("A chip took the request: a vCPU accepted it, or it is latched."),
  COALESCED(
      "A request that is not acknowledged yet stood already, and this one was merged with it."),
  IGNORED(
      "Nothing came of it: the pin is masked, the last level interrupt has not been ended, or the"
          + " line leads nowhere.");

  private final String meaning;

  LineStatus(String meaning) {
    this.meaning = meaning;
  }

  /** What it says of the line, as the documents have it. */
  public String meaning() {
    return meaning;
  }

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
