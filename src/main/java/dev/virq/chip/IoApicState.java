package dev.virq.chip;

import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
   * @param storm what slows interrupt storms down
   */
  public record Whole(
      long id,
      long ioregsel,
      long irr,
      long delivered,
      List<BigInteger> entries,
      List<IrqLine.PinState> pins,
      Rtc rtc,
      Storm storm) {
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
   * What slows interrupt storms down.
   *
   * @param ends ends in a row that found the level line still high, one number a pin
   * @param leftNanos after how many nanoseconds what is put off is delivered; null when nothing is
   */
  public record Storm(List<Integer> ends, @Nullable Long leftNanos) {
    /** Of ends in a row there are fewer. */
    public static final int MOST_ENDS = StormThrottle.MOST_ENDS;

    /** Nothing is put off for longer, in nanoseconds. */
    public static final long DELAY_NANOS = StormThrottle.DELAY_NANOS;

    /** Copies the counts. */
    public Storm {
      ends = List.copyOf(ends);
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
