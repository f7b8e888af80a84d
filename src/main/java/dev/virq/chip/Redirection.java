package dev.virq.chip;

import dev.virq.message.DeliveryMode;
import dev.virq.message.Message;

/**
 * An entry of the I/O APIC's redirection table. Source: Intel 82093AA data sheet,
 * "IOREDTBL[23:0]—I/O Redirection Table Registers".
 *
 * @param bits all 64 of them, those without a meaning included
 */
public record Redirection(long bits) {
  private static final long DELIVERY_STATUS = 1 << 12;
  private static final long REMOTE_IRR = 1 << 14;

  /** Masked, all else 0. */
  static final Redirection RESET = new Redirection(1 << 16);

  /** The bits that the fields below are made of. */
  private static final long FIELDS = 0xff00_0000_0001_efffL;

  /**
   * An entry made of its fields, all else 0.
   *
   * @param remoteIrr whether a level interrupt was accepted and has not ended
   */
  public static Redirection of(
      int vector,
      int mode,
      boolean logical,
      int destination,
      boolean masked,
      boolean level,
      boolean activeLow,
      boolean remoteIrr) {
    return new Redirection(0)
        .with(vector, mode, logical, destination, masked, level, activeLow, remoteIrr);
  }

  /**
   * The entry with other fields; bits that belong to none stay as the guest wrote them.
   *
   * @param remoteIrr whether a level interrupt was accepted and has not ended
   */
  public Redirection with(
      int vector,
      int mode,
      boolean logical,
      int destination,
      boolean masked,
      boolean level,
      boolean activeLow,
      boolean remoteIrr) {
    return new Redirection(
        (bits & ~FIELDS)
            | (vector & 0xffL)
            | (mode & 7L) << 8
            | bit(logical, 11)
            | bit(activeLow, 13)
            | bit(remoteIrr, 14)
            | bit(level, 15)
            | bit(masked, 16)
            | (destination & 0xffL) << 56);
  }

  private static long bit(boolean set, int place) {
    return set ? 1L << place : 0;
  }

  private boolean has(int place) {
    return (bits >>> place & 1) != 0;
  }

  /** Interrupt vector. */
  public int vector() {
    return (int) bits & 0xff;
  }

  /** Delivery mode, 3 bits. */
  public int mode() {
    return (int) (bits >> 8) & 7;
  }

  /** Destination mode: logical rather than physical. */
  public boolean logical() {
    return has(11);
  }

  /** Delivery status; never set here. */
  public boolean deliveryStatus() {
    return has(12);
  }

  /** Polarity: active low; without effect. */
  public boolean activeLow() {
    return has(13);
  }

  /** Remote IRR: a level interrupt was accepted and has not ended. */
  public boolean remoteIrr() {
    return has(14);
  }

  /** Trigger mode: level rather than edge. */
  public boolean level() {
    return has(15);
  }

  /** Mask. */
  public boolean masked() {
    return has(16);
  }

  /** Destination. */
  public int destination() {
    return (int) (bits >>> 56);
  }

  Redirection withRemoteIrr(boolean set) {
    return new Redirection(set ? bits | REMOTE_IRR : bits & ~REMOTE_IRR);
  }

  /** After a guest's store of one half: two bits are read-only, and an edge has no remote IRR. */
  Redirection withHalf(boolean high, int value) {
    long half = Integer.toUnsignedLong(value);
    long stored = high ? (bits & 0xffff_ffffL) | (half << 32) : (bits & ~0xffff_ffffL) | half;
    long readOnly = DELIVERY_STATUS | REMOTE_IRR;
    Redirection next = new Redirection((stored & ~readOnly) | (bits & readOnly));
    return next.level() ? next : next.withRemoteIrr(false);
  }

  boolean fixed() {
    return mode() == DeliveryMode.FIXED.ordinal();
  }

  /** What a delivery of the pin sends. */
  Message message() {
    return Message.pin(destination(), logical(), DeliveryMode.of(mode()), vector(), level());
  }
}
