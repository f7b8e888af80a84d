package dev.virq.routing;

/** A chip that a line can lead to; the order is that of KVM_IRQCHIP_…. */
public enum Chip {
  /** The 8259 that the processors are connected to. */
  MASTER(8),
  /** The 8259 behind line 2 of the master. */
  SLAVE(8),
  /** The I/O APIC. */
  IOAPIC(24);

  private final int pins;

  Chip(int pins) {
    this.pins = pins;
  }

  /** How many pins it has. */
  public int pins() {
    return pins;
  }
}
