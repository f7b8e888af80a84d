package dev.virq.chip;

import dev.virq.lapic.ApicBus;
import dev.virq.lapic.Vcpu;
import dev.virq.routing.Chip;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The I/O APIC: 24 pins, a redirection table, requests, remote IRR, the end of interrupt.
 *
 * <p>Source: Intel 82093AA data sheet, "Register Description" and "I/O APIC Interrupt Delivery";
 * behaviour.md §7 and §11. Not thread-safe: the chip lock is held. It is released while an
 * acknowledgement is reported, so nothing is kept in local variables across that.
 */
public final class IoApic {
  /** How many pins it has. */
  static final int PINS = Chip.IOAPIC.pins();

  private static final int VERSION = 0x11 | ((PINS - 1) << 16);

  /** Where the window is. */
  public static final int WINDOW = 0x10;

  private static final int NO_REGISTER = 0xffff_ffff;
  private static final int ID_REGISTER = 0;
  private static final int VERSION_REGISTER = 1;
  private static final int ARBITRATION_REGISTER = 2;
  private static final int FIRST_ENTRY = 0x10;

  private final ApicBus bus;
  private final Acks acks;
  private final RtcTracker rtc = new RtcTracker();
  private final StormThrottle storm;
  private final Pin[] pins = new Pin[PINS];
  private final Redirection[] entries = new Redirection[PINS];
  private int id;
  private int select;

  /** Requests: a level that is high, or an edge, until its line falls. */
  private int irr;

  /** Requests of edge pins that were delivered already. */
  private int delivered;

  /**
   * In its reset state.
   *
   * @param clock nanoseconds, for what is put off
   */
  public IoApic(ApicBus bus, Acks acks, LongSupplier clock) {
    this.bus = bus;
    this.acks = acks;
    this.storm = new StormThrottle(clock);
    Arrays.fill(entries, Redirection.RESET);
    for (int i = 0; i < PINS; i++) {
      pins[i] = new Pin();
    }
  }

  public Pin pin(int pin) {
    return pins[pin];
  }

  Redirection entry(int pin) {
    return entries[pin];
  }

  // ---- lines

  /**
   * Drives a pin.
   *
   * @param tracked whether the answer is asked for, as the rules for pin 8 require
   * @return -1 masked, waiting for its end, or no target; 0 coalesced or refused; else how many
   *     accepted it, and 1 for lowering
   */
  public int drive(int pin, IrqSource source, boolean high, boolean tracked) {
    return setLevel(pin, pins[pin].drive(source, high), tracked);
  }

  private int setLevel(int pin, boolean high, boolean tracked) {
    int bit = 1 << pin;
    if (!high) {
      irr &= ~bit;
      return 1;
    }
    if (pin == RtcTracker.PIN && tracked && rtc.owing()) {
      return 0;
    }
    boolean requested = (irr & bit) != 0;
    irr |= bit;
    if (!entries[pin].level()) {
      delivered &= ~bit;
      if (requested) {
        return 0;
      }
    }
    return service(pin, tracked);
  }

  private int service(int pin, boolean tracked) {
    Redirection entry = entries[pin];
    if (entry.masked() || (entry.level() && entry.remoteIrr())) {
      return -1;
    }
    if (!entry.level()) {
      delivered |= 1 << pin;
    }
    boolean noted = pin == RtcTracker.PIN && tracked;
    int answer = bus.deliver(entry.message(), null, noted ? rtc : ApicBus.Acceptance.UNTOLD);
    if (noted) {
      rtc.delivered(answer);
    }
    if (answer != 0 && entry.level()) {
      entries[pin] = entry.withRemoteIrr(true);
    }
    return answer;
  }

  /** The end of a vector on a vCPU that forwards it. */
  public void ended(Vcpu vcpu, int vector, boolean level) {
    rtc.ended(vcpu, vector);
    for (int pin = 0; pin < PINS; pin++) {
      if (entries[pin].vector() != vector) {
        continue;
      }
      acks.acknowledged(Chip.IOAPIC, pin);
      // A local APIC that suppresses the broadcast leaves the entry to a store to the I/O APIC.
      if (level && !vcpu.apic().suppressesBroadcast()) {
        entries[pin] = entries[pin].withRemoteIrr(false);
        boolean high = !entries[pin].masked() && (irr & 1 << pin) != 0;
        if (storm.ended(pin, high)) {
          var _ = service(pin, false);
        }
      }
    }
  }

  /**
   * Delivers what was put off, if its time has come: level pins that are high and have no remote
   * IRR, whichever storm it was.
   *
   * @return whether it has
   */
  public boolean deliverPutOff() {
    if (!storm.over()) {
      return false;
    }
    for (int pin = 0; pin < PINS; pin++) {
      if (entries[pin].level() && (irr & 1 << pin) != 0) {
        var _ = service(pin, false);
      }
    }
    return true;
  }

  // ---- the guest's registers

  /** A load; 0 where there is no register. */
  public long load(int offset) {
    return switch (offset) {
      case 0 -> select;
      case WINDOW -> Integer.toUnsignedLong(readWindow());
      default -> 0;
    };
  }

  /** A store, of which fewer bytes than a register has stand for the whole; else ignored. */
  public void store(int offset, int value) {
    switch (offset) {
      case 0 -> select = value & 0xff;
      case WINDOW -> writeWindow(value);
      default -> {}
    }
  }

  private int readWindow() {
    int pin = (select - FIRST_ENTRY) >> 1;
    if (select >= FIRST_ENTRY && pin < PINS) {
      long bits = entries[pin].bits();
      return (int) ((select & 1) == 0 ? bits : bits >>> 32);
    }
    return switch (select) {
      case ID_REGISTER, ARBITRATION_REGISTER -> (id & 0xf) << 24;
      case VERSION_REGISTER -> VERSION;
      default -> NO_REGISTER;
    };
  }

  private void writeWindow(int value) {
    int pin = (select - FIRST_ENTRY) >> 1;
    if (select == ID_REGISTER) {
      id = value >>> 24 & 0xf;
    } else if (select >= FIRST_ENTRY && pin < PINS) {
      writeEntry(pin, (select & 1) != 0, value);
    }
  }

  private void writeEntry(int pin, boolean high, int value) {
    Redirection before = entries[pin];
    Redirection after = before.withHalf(high, value);
    entries[pin] = after;
    if (before.masked() && !after.masked()) {
      acks.maskCleared(Chip.IOAPIC, pin);
    }
    if (after.level() && (irr & 1 << pin) != 0 && !after.masked() && !after.remoteIrr()) {
      if (acks.hasResampler(Chip.IOAPIC, pin)) {
        // The source may have lowered the line by now: whatever holds it high looks again.
        irr &= ~(1 << pin);
        acks.unmasked(Chip.IOAPIC, pin);
      } else {
        var _ = service(pin, false);
      }
    }
    if (after.fixed()) {
      bus.makeStale(after.destination(), after.logical());
      bus.makeStale(before.destination(), before.logical());
    } else {
      bus.makeStale();
    }
  }

  /** Adds to what a vCPU forwards: vectors of pins whose end matters. */
  public void forward(Vcpu vcpu) {
    rtc.forward(vcpu);
    for (int pin = 0; pin < PINS; pin++) {
      Redirection entry = entries[pin];
      if (entry.level() || pin == RtcTracker.PIN || acks.hasNotifier(Chip.IOAPIC, pin)) {
        vcpu.forward(entry.vector(), entry.destination(), entry.logical());
      }
    }
  }

  // ---- the host's side

  public IoApicState state() {
    return new IoApicState(id, select, irr & ~delivered, List.of(entries.clone()));
  }

  /** A host restore: everything is loaded, and the pins requested are raised again. */
  public void restore(IoApicState state) {
    id = state.id();
    select = state.ioregsel();
    List<Redirection> loaded = new ArrayList<>(state.pins());
    for (int pin = 0; pin < PINS; pin++) {
      entries[pin] = loaded.get(pin);
    }
    irr = 0;
    delivered = 0;
    bus.makeStale();
    // Nothing is owed while the pins are raised: what was is found again below.
    rtc.forget();
    for (int pin = 0; pin < PINS; pin++) {
      if ((state.irr() & 1 << pin) != 0) {
        var _ = setLevel(pin, true, true);
      }
    }
    rtc.rebuild(bus.vcpus(), entries[RtcTracker.PIN]);
  }

  /** All of it at one moment; what is put off is so from that time on. */
  public IoApicState.Whole whole(long now) {
    return new IoApicState.Whole(
        Integer.toUnsignedLong(id),
        Integer.toUnsignedLong(select),
        irr,
        delivered,
        Arrays.stream(entries)
            .map(entry -> new BigInteger(Long.toUnsignedString(entry.bits())))
            .toList(),
        Arrays.stream(pins).map(Pin::whole).toList(),
        rtc.whole(),
        storm.whole(now));
  }

  /** Becomes what another was, from that time on, and nothing follows from it. */
  public void become(IoApicState.Whole state, long now) {
    id = (int) state.id();
    select = (int) state.ioregsel();
    irr = (int) state.irr();
    delivered = (int) state.delivered();
    for (int pin = 0; pin < PINS; pin++) {
      entries[pin] = new Redirection(state.entries().get(pin).longValue());
      pins[pin].become(state.pins().get(pin));
    }
    rtc.become(state.rtc());
    storm.become(state.storm(), now);
  }

  /** A vCPU's local APIC was restored. */
  public void restored(Vcpu vcpu) {
    rtc.resync(vcpu, entries[RtcTracker.PIN]);
  }
}
