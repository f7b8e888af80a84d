package dev.virq.lapic;

/**
 * Whether a destination means a local APIC, each comparing for itself: what a message does that the
 * map does not lead.
 *
 * <p>Source: Intel SDM volume 3, "Determining IPI Destination"; behaviour.md §9 and §16.
 */
final class Destinations {
  /** Every vCPU, of 8 bits. */
  static final int BROADCAST = 0xff;

  /** Every vCPU in x2APIC mode, of 32 bits. */
  static final int WIDE_BROADCAST = -1;

  private Destinations() {}

  /**
   * Whether it means it.
   *
   * @param interprocessor whether a vCPU sends it
   */
  static boolean match(
      LocalApic apic, int destination, boolean logical, boolean interprocessor, X2ApicApi api) {
    boolean wide = apic.base().extended();
    if (wide && !interprocessor && destination == BROADCAST && api.broadcastQuirk()) {
      return true;
    }
    if (destination == (wide ? WIDE_BROADCAST : BROADCAST)) {
      return true;
    }
    if (!logical) {
      // An id above 255 has no other form, whatever the mode.
      boolean byNumber = wide || (destination & ~BROADCAST) != 0;
      return destination == (byNumber ? apic.number() : apic.physicalId());
    }
    int ldr = apic.logicalDestination();
    if (wide) {
      return ldr >>> 16 == destination >>> 16 && (ldr & destination & 0xffff) != 0;
    }
    int own = ldr >>> 24;
    if (apic.flat()) {
      return (own & destination) != 0;
    }
    return apic.cluster() && own >> 4 == destination >>> 4 && (own & destination & 0xf) != 0;
  }

  /** The logical destination in x2APIC mode: 16 bits the cluster, 16 the place in it. */
  static int logical(int number) {
    return number >> 4 << 16 | 1 << (number & 0xf);
  }
}
