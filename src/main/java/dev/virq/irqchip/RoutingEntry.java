package dev.virq.irqchip;

/**
 * One entry of a routing table as a caller gives it: {@code struct kvm_irq_routing_entry}. Nothing
 * is checked before the table is.
 */
public sealed interface RoutingEntry {
  /** The line that the entry leads away from, unsigned 32 bits. */
  long gsi();

  /** Flag bits, unsigned 32 bits. */
  long flags();

  /**
   * To a pin of a chip.
   *
   * @param chip 0 master 8259, 1 slave 8259, 2 I/O APIC
   * @param pin the chip's pin
   */
  record Chip(long gsi, long chip, long pin, long flags) implements RoutingEntry {}

  /** To a message, whatever it says. */
  record Message(long gsi, long flags) implements RoutingEntry {}

  /**
   * To something else.
   *
   * @param type the kind's number: neither 1, a chip, nor 2, a message
   */
  record Other(long gsi, long type, long flags) implements RoutingEntry {}
}
