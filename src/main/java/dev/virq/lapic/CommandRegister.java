package dev.virq.lapic;

import dev.virq.message.Message;

/** The interrupt command register. Its high half in x2APIC mode is a register of its own. */
final class CommandRegister {
  /** A bit that a guest's store to the page does not keep. */
  static final int BUSY = 1 << 12;

  private int low;
  private int high;
  private int wide;

  /**
   * Back to zero, except the high half of the other mode.
   *
   * @param extended whether it is in x2APIC mode
   */
  void reset(boolean extended) {
    low = 0;
    if (extended) {
      wide = 0;
    } else {
      high = 0;
    }
  }

  /** The low half. */
  int low() {
    return low;
  }

  /** The high half outside of x2APIC mode. */
  int high() {
    return high;
  }

  /** The high half in x2APIC mode. */
  int wide() {
    return wide;
  }

  /** A guest's store to the low half, which sends {@link #message}. */
  void low(int value) {
    low = value & ~BUSY;
  }

  /** A guest's store to the high half. */
  void high(int value) {
    high = value & 0xff00_0000;
  }

  /** What a store to the low half sends. */
  Message message() {
    return Message.interprocessor(low, high >>> 24);
  }

  /** The whole register of x2APIC mode. */
  long whole() {
    return (long) wide << 32 | Integer.toUnsignedLong(low);
  }

  /** A store to it; the message that it sends. */
  Message whole(long value) {
    low = (int) value;
    wide = (int) (value >>> 32);
    return Message.interprocessor(low, wide);
  }

  /** A host's restore in x2APIC mode: what was shown is kept, in the register of the other mode. */
  void showWide() {
    high = wide;
  }

  /** Becomes what another was. */
  void become(int lowHalf, int highHalf, int wideHalf) {
    low = lowHalf;
    high = highHalf;
    wide = wideHalf;
  }
}
