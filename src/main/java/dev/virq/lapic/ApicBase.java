package dev.virq.lapic;

import org.jspecify.annotations.Nullable;

/**
 * The APIC base of a vCPU, a model-specific register: where the local APIC's page is, its mode, and
 * whether the vCPU is the boot processor.
 *
 * <p>Source: Intel SDM volume 3, "Local APIC Status and Location" and "x2APIC State Transitions";
 * behaviour.md §16. Not thread-safe: the chip lock is held.
 */
public final class ApicBase {
  /** The number of the register. */
  public static final int REGISTER = 0x1b;

  /** The boot processor. */
  public static final long BOOT = 1 << 8;

  /** x2APIC mode. */
  public static final long EXTENDED = 1 << 10;

  /** The local APIC is there. */
  public static final long ENABLED = 1 << 11;

  /** Where the page is after a reset. */
  public static final long DEFAULT_ADDRESS = 0xfee0_0000L;

  /** From bit 12 on. */
  private static final long ADDRESS = -1L << 12;

  /** Bits below the address that are none of the three, and those past 36 bits of address. */
  private static final long RESERVED = 0x2ff | -1L << 36;

  private long value;

  /** Whether the vCPU's CPUID table has x2APIC. */
  private boolean extensible;

  /**
   * As after a reset.
   *
   * @param boot whether it is that of the boot processor
   */
  public ApicBase(boolean boot) {
    value = DEFAULT_ADDRESS | ENABLED | (boot ? BOOT : 0);
  }

  /** The register. */
  public long value() {
    return value;
  }

  /** Makes it that, which is not refused. */
  public void set(long next) {
    value = next;
  }

  /** Whether the vCPU's CPUID table has x2APIC. */
  public boolean extensible() {
    return extensible;
  }

  /** Says whether it has. */
  public void allow(boolean x2apic) {
    extensible = x2apic;
  }

  /** Whether the local APIC is there. */
  public boolean enabled() {
    return (value & ENABLED) != 0;
  }

  /** Whether it is in x2APIC mode. */
  public boolean extended() {
    return (value & EXTENDED) != 0;
  }

  /** Whether that value enables it otherwise, or in another mode. */
  boolean hasOtherMode(long next) {
    return ((value ^ next) & (ENABLED | EXTENDED)) != 0;
  }

  /** Whether the vCPU is the boot processor, which INIT does not park. */
  boolean boot() {
    return (value & BOOT) != 0;
  }

  /** Where the page of registers is, whatever the mode. */
  public long address() {
    return address(value);
  }

  /** Where that value has the page. */
  public static long address(long value) {
    return value & ADDRESS;
  }

  /** Why no vCPU can have that value; null when one can. */
  public static @Nullable String flaw(long value) {
    if ((value & RESERVED) != 0) {
      return "has reserved bits 0x%x".formatted(value & RESERVED);
    }
    return (value & (EXTENDED | ENABLED)) == EXTENDED
        ? "asks for x2APIC mode without enabling the local APIC"
        : null;
  }

  /**
   * Why a value would be refused; null when it would not be.
   *
   * @param guest whether a guest stores it, which has to go from mode to mode by the way that the
   *     processor has
   */
  public @Nullable String refusal(long next, boolean guest) {
    if (next == value) {
      return null;
    }
    String flaw = flaw(next);
    if (flaw != null) {
      return flaw;
    }
    boolean x2apic = (next & EXTENDED) != 0;
    if (x2apic && !extensible) {
      return "asks for x2APIC mode, which the vCPU's CPUID table does not have";
    }
    if (guest && extended() && !x2apic && (next & ENABLED) != 0) {
      return "leads from x2APIC to xAPIC mode, and a guest has to disable the local APIC between";
    }
    if (guest && !enabled() && x2apic) {
      return "leads from disabled to x2APIC mode, and a guest has to go through xAPIC mode";
    }
    return null;
  }
}
