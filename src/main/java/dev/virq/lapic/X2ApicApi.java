package dev.virq.lapic;

/**
 * What a user has agreed to of x2APIC, for a whole VM: KVM_CAP_X2APIC_API. What was agreed to
 * stays.
 *
 * <p>Not thread-safe: the chip lock is held.
 */
public final class X2ApicApi {
  /** Ids of 32 bits in states and messages: KVM_X2APIC_API_USE_32BIT_IDS. */
  public static final int WIDE_IDS = 1;

  /** Destination 255 is one vCPU where ids have 32 bits: …_DISABLE_BROADCAST_QUIRK. */
  public static final int NO_BROADCAST_QUIRK = 2;

  private int flags;

  /** What there is. */
  public static final int ALL = WIDE_IDS | NO_BROADCAST_QUIRK;

  /** Agrees to these, too. */
  public void add(int more) {
    flags |= more;
  }

  /** Whether ids have 32 bits. */
  public boolean wideIds() {
    return (flags & WIDE_IDS) != 0;
  }

  boolean broadcastQuirk() {
    return (flags & NO_BROADCAST_QUIRK) == 0;
  }
}
