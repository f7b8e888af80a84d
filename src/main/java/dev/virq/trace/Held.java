package dev.virq.trace;

/** What a thread may hold while it passes a tracepoint. */
public enum Held {
  /** The lock of an eventfd's wait queue. */
  WAIT_QUEUE_LOCK("eventfd-wq-lock"),
  /** A read section of the irqfd's SRCU domain; not a lock. */
  SRCU_READ("srcu-read"),
  /** {@code kvm->lock} of the VM. */
  KVM_LOCK("kvm-lock");

  private final String label;

  Held(String label) {
    this.label = label;
  }

  /** Its name for people, such as {@code kvm-lock}. */
  public String label() {
    return label;
  }

  /**
   * Its name for people; a read section with its index, such as {@code srcu-read#0}.
   *
   * @param index of the read section
   */
  public String label(long index) {
    return this == SRCU_READ ? label + "#" + index : label;
  }
}
