package dev.virq.routing;

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
  record Pin(long gsi, long chip, long pin, long flags) implements RoutingEntry {}

  /**
   * To a message.
   *
   * @param address lower 32 bits
   * @param data 32 bits
   * @param addressHigh upper 32 bits; without effect
   */
  record Message(long gsi, long address, long data, long addressHigh, long flags)
      implements RoutingEntry {}

  /**
   * To something else; refused.
   *
   * @param type the kind's number: neither 1, a chip, nor 2, a message
   */
  record Other(long gsi, long type, long flags) implements RoutingEntry {}
}
