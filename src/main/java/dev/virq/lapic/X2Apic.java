package dev.virq.lapic;

import dev.virq.message.Message;
import org.jspecify.annotations.Nullable;

/**
 * The registers of a local APIC as a guest finds them in x2APIC mode: model-specific ones, one for
 * each 16 bytes of the page, with a command register of 64 bits and a register for messages to
 * itself, and without arbitration priority and destination format.
 *
 * <p>Source: Intel SDM volume 3, "Extended XAPIC (x2APIC)"; behaviour.md §16.
 */
public final class X2Apic {
  /** Number of the first register, and of the last. */
  public static final int FIRST = 0x800;

  public static final int LAST = 0x8ff;

  /** Number of the end of interrupt. */
  public static final int END = FIRST + (LocalApic.EOI >> 4);

  private static final int SELF = 0x3f0;

  /** Of the command register: 13, 16, 17 and 20 to 31. */
  private static final long RESERVED_COMMAND = 0xfff3_2000L;

  private static final long WORD = 0xffff_ffffL;
  private static final long BYTE = 0xff;

  /** Shorthand of the command register: the sender. */
  private static final int TO_SELF = 1 << 18;

  private X2Apic() {}

  /** Whether a model-specific register is one of these. */
  public static boolean has(long register) {
    return register >= FIRST && register <= LAST;
  }

  /** The offset that the register has in the page. */
  static int offset(long register) {
    return (int) (register - FIRST) << 4;
  }

  /** The logical id of the vCPU of that number, unsigned. */
  public static long logicalId(int number) {
    return Integer.toUnsignedLong(Destinations.logical(number));
  }

  /** Whether it is the end of interrupt. */
  public static boolean isEnd(long register) {
    return register == END;
  }

  /** A load, unsigned; null where it faults. */
  static @Nullable Long read(LocalApic apic, long register) {
    int offset = offset(register);
    if (offset == LocalApic.ICR_LOW) {
      return apic.command64();
    }
    if (offset == LocalApic.ICR_HIGH
        || offset == LocalApic.ARBITRATION
        || offset == LocalApic.DFR) {
      return null;
    }
    long read = apic.read(offset);
    if (read == LocalApic.NOT_READABLE) {
      return null;
    }
    return read;
  }

  /** Why a store faults; null when it does not. */
  static @Nullable String refusal(long register, long value) {
    int offset = offset(register);
    if (offset == LocalApic.ICR_LOW) {
      return reserved(value & RESERVED_COMMAND);
    }
    if ((value & ~WORD) != 0) {
      return reserved(value & ~WORD);
    }
    return switch (offset) {
      case LocalApic.TPR,
          LocalApic.EOI,
          LocalApic.SVR,
          LocalApic.TIMER_INITIAL,
          LocalApic.TIMER_DIVIDE ->
          null;
      case LocalApic.ERRORS -> reserved(value);
      case SELF -> reserved(value & ~BYTE);
      default -> LocalVectors.has(offset) ? null : "cannot be written";
    };
  }

  private static @Nullable String reserved(long bits) {
    return bits == 0 ? null : "has no bits 0x%x".formatted(bits);
  }

  /**
   * The message that a store sends; null when it is a store like that to the page.
   *
   * @param value not refused
   */
  static @Nullable Message message(LocalApic apic, long register, long value) {
    return switch (offset(register)) {
      case LocalApic.ICR_LOW -> apic.command64(value & ~LocalApic.BUSY);
      case SELF -> Message.interprocessor(TO_SELF | (int) value, 0);
      default -> null;
    };
  }
}
