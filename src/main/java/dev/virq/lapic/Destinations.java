package dev.virq.lapic;

import dev.virq.message.Message;

/**
 * Whether a destination means a local APIC, each comparing for itself: what a message does that the
 * map does not lead.
 *
 * <p>Source: Intel SDM volume 3, "Determining IPI Destination"; behaviour.md §9 and §16.
 */
final class Destinations {
  /** What a destination is compared with: a local APIC. */
  interface Target {
    /** Whether it is in x2APIC mode. */
    boolean extended();

    /** The number of its vCPU. */
    int number();

    /** Its id in xAPIC mode. */
    int physicalId();

    /** The whole register. */
    int logicalDestination();

    /** Whether it has the flat model. */
    boolean flat();

    /** Whether it has the model of clusters. */
    boolean cluster();
  }

  private Destinations() {}

  /**
   * Whether it means it.
   *
   * @param interprocessor whether a vCPU sends it
   */
  static boolean match(
      Target apic, int destination, boolean logical, boolean interprocessor, X2ApicApi api) {
    boolean wide = apic.extended();
    if (wide && !interprocessor && destination == Message.BROADCAST && api.broadcastQuirk()) {
      return true;
    }
    if (destination == (wide ? Message.WIDE_BROADCAST : Message.BROADCAST)) {
      return true;
    }
    if (!logical) {
      // An id above 255 has no other form, whatever the mode.
      boolean byNumber = wide || (destination & ~Message.BROADCAST) != 0;
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
