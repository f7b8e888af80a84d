package dev.virq.irqchip;

import dev.virq.chip.IoApic;
import dev.virq.lapic.ApicBase;
import dev.virq.lapic.ApicBus;
import dev.virq.lapic.Vcpu;
import org.jspecify.annotations.Nullable;

/**
 * A vCPU's loads and stores where the registers of its local APIC and of the I/O APIC are; behind
 * everything else there is nothing. Chip lock held.
 *
 * <p>An access that crosses the end of a page is two: each part goes to whatever is there, and the
 * access is claimed if both parts are. What a chip claims and does not answer keeps what the vCPU's
 * last load left behind. See behaviour.md §7 and §8.
 */
final class GuestMemory {
  private static final long LAPIC = ApicBase.DEFAULT_ADDRESS;

  /** The register that selects a register of the I/O APIC. */
  static final long IOAPIC = 0xfec0_0000L;

  /** The window that shows it. */
  static final long WINDOW = IOAPIC + IoApic.WINDOW;

  /** Offset of the end-of-interrupt register. */
  private static final int END = 0xb0;

  private static final long IOAPIC_BYTES = 0x100;
  private static final long PAGE = 0x1000;

  /** Addresses have 32 bits. */
  private static final long ADDRESS = 0xffff_ffffL;

  private static final int REGISTER_BYTES = 4;

  private final ApicBus bus;
  private final @Nullable IoApic ioapic;

  GuestMemory(ApicBus bus, @Nullable IoApic ioapic) {
    this.bus = bus;
    this.ioapic = ioapic;
  }

  /** The address of a register of a local APIC that is where it is after a reset. */
  static long lapic(long offset) {
    return LAPIC + offset & ADDRESS;
  }

  /** The address of the end-of-interrupt register of a vCPU, as far as its addresses go. */
  static long end(Vcpu vcpu) {
    return vcpu.apic().base().address() + END & ADDRESS;
  }

  /** Ends the highest interrupt in service. */
  @FunctionalInterface
  interface End {
    Access of(Vcpu vcpu);
  }

  /** Loads 1, 2, 4 or 8 bytes. */
  Access load(Vcpu vcpu, long address, int bytes) {
    int first = untilPageEnds(address, bytes);
    boolean claimed = loadPart(vcpu, address, first, 0);
    boolean any = claimed;
    if (first < bytes) {
      boolean rest = loadPart(vcpu, address + first & ADDRESS, bytes - first, first);
      any |= rest;
      claimed &= rest;
    }
    return Access.read(claimed, any ? vcpu.lastLoad(bytes) : null);
  }

  private boolean loadPart(Vcpu vcpu, long address, int bytes, int place) {
    if (inLapic(vcpu, address)) {
      if (vcpu.apic().inMemory()) {
        bus.read(vcpu, offset(vcpu, address), bytes, place);
      } else {
        vcpu.loaded(place, bytes, -1L);
      }
      return true;
    }
    if (ioapic != null && inIoapic(address, bytes)) {
      if (Integer.bitCount(bytes) == 1) {
        vcpu.loaded(place, bytes, ioapic.load((int) (address - IOAPIC)));
      }
      return true;
    }
    // All bits set, as on a bus without an answer.
    vcpu.loaded(place, bytes, -1L);
    return false;
  }

  /** Stores 1, 2, 4 or 8 bytes. */
  Access store(Vcpu vcpu, long address, int bytes, long value, End end) {
    int first = untilPageEnds(address, bytes);
    if (first < bytes) {
      // No register is there: the parts are of 3 bytes, or at odd places.
      boolean claimed = storePart(vcpu, address, first, value);
      long rest = value >>> (8 * first);
      claimed &= storePart(vcpu, address + first & ADDRESS, bytes - first, rest);
      return claimed ? Access.DONE : Access.UNHANDLED;
    }
    if (bytes == REGISTER_BYTES
        && inLapic(vcpu, address)
        && vcpu.apic().inMemory()
        && ApicBus.isEnd(offset(vcpu, address))) {
      return end.of(vcpu);
    }
    return storePart(vcpu, address, bytes, value) ? Access.DONE : Access.UNHANDLED;
  }

  private boolean storePart(Vcpu vcpu, long address, int bytes, long value) {
    if (inLapic(vcpu, address)) {
      // Other sizes are claimed, and ignored; so is the page of an APIC that is not in it.
      if (bytes == REGISTER_BYTES && vcpu.apic().inMemory()) {
        bus.write(vcpu, offset(vcpu, address), (int) value);
      }
      return true;
    }
    if (ioapic == null || !inIoapic(address, bytes)) {
      return false;
    }
    if (Integer.bitCount(bytes) == 1) {
      ioapic.store((int) (address - IOAPIC), (int) (value & mask(Math.min(bytes, REGISTER_BYTES))));
    }
    return true;
  }

  private static int untilPageEnds(long address, int bytes) {
    return (int) Math.min(bytes, PAGE - (address & PAGE - 1));
  }

  /** The local APIC looks at the first byte only. */
  private static boolean inLapic(Vcpu vcpu, long address) {
    long base = vcpu.apic().base().address();
    return address >= base && address < base + PAGE;
  }

  private static int offset(Vcpu vcpu, long address) {
    return (int) (address - vcpu.apic().base().address());
  }

  private static boolean inIoapic(long address, int bytes) {
    return address >= IOAPIC && address + bytes <= IOAPIC + IOAPIC_BYTES;
  }

  private static long mask(int bytes) {
    return -1L >>> (64 - 8 * bytes);
  }
}
