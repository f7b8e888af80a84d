package dev.virq.message;

/**
 * An interrupt message: from an MSI, an I/O APIC entry, or another processor.
 *
 * @param destination 8 bits, and 0xff addresses every vCPU; 32 bits where x2APIC allows them
 * @param logical whether the destination is compared with LDR rather than with the id
 * @param mode what is asked
 * @param vector 0 to 255
 * @param level trigger mode: level rather than edge
 * @param asserted false only for the de-assertion of an inter-processor message
 * @param hint redirection hint: one of the targets, as with lowest priority
 * @param shorthand a destination that needs no number
 */
public record Message(
    int destination,
    boolean logical,
    DeliveryMode mode,
    int vector,
    boolean level,
    boolean asserted,
    boolean hint,
    Shorthand shorthand) {
  /** Every vCPU, where destinations have 8 bits. */
  public static final int BROADCAST = 0xff;

  /** Every vCPU in x2APIC mode, where they have 32. */
  public static final int WIDE_BROADCAST = -1;

  /** Destinations relative to the sender; the order is that of the 2-bit field. */
  public enum Shorthand {
    /** As the destination says. */
    NONE,
    /** The sender. */
    SELF,
    /** Every processor. */
    ALL,
    /** Every processor except the sender. */
    OTHERS
  }

  private static final Shorthand[] SHORTHANDS = Shorthand.values();

  /**
   * From an MSI. Intel SDM volume 3, "Message Address Register Format" and "Message Data Register
   * Format"; all other bits are ignored.
   */
  public static Message msi(long address, long data) {
    return new Message(
        (int) (address >> 12) & 0xff,
        (address & 1 << 2) != 0,
        DeliveryMode.of((int) (data >> 8)),
        (int) data & 0xff,
        (data & 1 << 15) != 0,
        true,
        (address & 1 << 3) != 0,
        Shorthand.NONE);
  }

  /**
   * From the low half of the interrupt command register and the destination that its high half has.
   * Intel SDM volume 3, same name.
   */
  public static Message interprocessor(int low, int destination) {
    return new Message(
        destination,
        (low & 1 << 11) != 0,
        DeliveryMode.of(low >> 8),
        low & 0xff,
        (low & 1 << 15) != 0,
        (low & 1 << 14) != 0,
        false,
        SHORTHANDS[low >> 18 & 3]);
  }

  /** From a local vector. Intel SDM volume 3, "Local Vector Table". */
  public static Message local(int vector) {
    return new Message(
        0,
        false,
        DeliveryMode.of(vector >> 8),
        vector & 0xff,
        (vector & 1 << 15) != 0,
        true,
        false,
        Shorthand.SELF);
  }

  /** From an entry of an I/O APIC. */
  public static Message pin(
      int destination, boolean logical, DeliveryMode mode, int vector, boolean level) {
    return new Message(destination, logical, mode, vector, level, true, false, Shorthand.NONE);
  }

  /**
   * The same where destinations have 32 bits, of which an MSI's upper address has all but eight.
   */
  public Message wide(long addressHigh) {
    return new Message(
        destination | ((int) addressHigh & ~0xff),
        logical,
        mode,
        vector,
        level,
        asserted,
        hint,
        shorthand);
  }

  /** Whether the upper half of an MSI's address is one, where destinations have 32 bits. */
  public static boolean isWideAddress(long addressHigh) {
    return (addressHigh & 0xff) == 0;
  }

  /** Whether one of the targets gets it rather than all. */
  public boolean toOne() {
    return mode == DeliveryMode.LOWEST || hint;
  }

  /** The same for all targets, where lowest priority makes no sense. */
  public Message asFixed() {
    return new Message(
        destination, logical, DeliveryMode.FIXED, vector, level, asserted, hint, shorthand);
  }
}
