package dev.virq.irqchip;

import java.util.List;

/**
 * The I/O APIC at one moment: {@code struct kvm_ioapic_state}.
 *
 * @param id identification
 * @param ioregsel the register that the window shows
 * @param irr requests, one bit a pin, without edges that are delivered
 * @param pins the redirection table, 24 entries
 */
public record IoApicState(int id, int ioregsel, int irr, List<Redirection> pins) {
  /** Copies the entries. */
  public IoApicState {
    pins = List.copyOf(pins);
  }

  /** The same with another entry for a pin. */
  public IoApicState withPin(int pin, Redirection entry) {
    Redirection[] changed = pins.toArray(new Redirection[0]);
    changed[pin] = entry;
    return new IoApicState(id, ioregsel, irr, List.of(changed));
  }
}
