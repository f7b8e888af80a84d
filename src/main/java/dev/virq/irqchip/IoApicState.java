package dev.virq.irqchip;

import java.math.BigInteger;
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

  /**
   * The I/O APIC, whole: also what a restore by the host loses.
   *
   * @param id identification
   * @param ioregsel the register that the window shows
   * @param irr requests, one bit a pin, those that are delivered included
   * @param delivered requests of edge pins that were delivered already, one bit a pin
   * @param entries the redirection table, 64 bits an entry, unsigned
   * @param pins what holds each pin high
   * @param rtc what is owed for pin 8
   */
  public record Whole(
      long id,
      long ioregsel,
      long irr,
      long delivered,
      List<BigInteger> entries,
      List<IrqLine.PinState> pins,
      Rtc rtc) {
    /** How many pins there are. */
    public static final int PINS = 24;

    /** Copies the lists. */
    public Whole {
      entries = List.copyOf(entries);
      pins = List.copyOf(pins);
    }
  }

  /**
   * What is owed for the real time clock's pin.
   *
   * @param owed how many ends
   * @param notes who owes what, by the number of the vCPU, ascending
   */
  public record Rtc(int owed, List<Note> notes) {
    /** Copies the notes. */
    public Rtc {
      notes = List.copyOf(notes);
    }
  }

  /**
   * A vector that a vCPU has to end.
   *
   * @param vcpu number of the vCPU
   */
  public record Note(int vcpu, int vector) {}

  /** The same with another entry for a pin. */
  public IoApicState withPin(int pin, Redirection entry) {
    Redirection[] changed = pins.toArray(new Redirection[0]);
    changed[pin] = entry;
    return new IoApicState(id, ioregsel, irr, List.of(changed));
  }
}
