package dev.virq.message;

/**
 * What a message asks of its target; the order is that of the 3-bit field. Source: Intel SDM volume
 * 3, "Local Vector Table" and "Message Signalled Interrupts".
 */
public enum DeliveryMode {
  /** To all targets. */
  FIXED,
  /** To one of the targets. */
  LOWEST,
  /** System management: not supported. */
  SMI,
  /** Reserved: accepted, without effect. */
  RESERVED,
  /** Non-maskable. */
  NMI,
  /** Reset of the processor. */
  INIT,
  /** Start of a processor that was reset. */
  STARTUP,
  /** From an 8259: never accepted from a message. */
  EXTINT;

  private static final DeliveryMode[] MODES = values();

  /** The mode of the low 3 bits. */
  public static DeliveryMode of(int bits) {
    return MODES[bits & 7];
  }
}
