package dev.virq.api.input;

import org.jspecify.annotations.Nullable;

/**
 * Follows UTF-8 byte by byte and says where it ceases to be well-formed: truncated and overlong
 * sequences, surrogates, and what lies past U+10FFFF. Not for several threads.
 *
 * <p>A decoder of the JDK says the same, but only of a buffer that it has whole; a body comes in
 * pieces.
 */
final class Utf8 {
  /** Continuation bytes that the character still needs. */
  private int missing;

  /** Bounds of the next continuation byte: the second byte of some characters has narrower ones. */
  private int least;

  private int most;

  /** The offset of the first byte that breaks the text, or -1. */
  static int fault(byte[] bytes) {
    Utf8 text = new Utf8();
    for (int at = 0; at < bytes.length; at++) {
      if (!text.accepts(bytes[at])) {
        return at;
      }
    }
    return text.isWhole() ? -1 : bytes.length;
  }

  /** What a client is told of such an offset; null when it is -1. */
  static @Nullable String told(byte[] bytes, int fault) {
    if (fault < 0) {
      return null;
    }
    return fault == bytes.length
        ? "is not well-formed UTF-8: it ends within a character"
        : "is not well-formed UTF-8: byte 0x%02x at offset %d".formatted(bytes[fault], fault);
  }

  /** Takes the next byte; false when the text is ill-formed with it. */
  boolean accepts(byte next) {
    int value = next & 0xff;
    if (missing > 0) {
      if (value < least || value > most) {
        return false;
      }
      missing--;
      least = 0x80;
      most = 0xbf;
      return true;
    }
    if (value < 0x80) {
      return true;
    }
    // The rows of table 3-7 of the Unicode standard.
    missing = value < 0xe0 ? 1 : value < 0xf0 ? 2 : 3;
    least = value == 0xe0 ? 0xa0 : value == 0xf0 ? 0x90 : 0x80;
    most = value == 0xed ? 0x9f : value == 0xf4 ? 0x8f : 0xbf;
    return value >= 0xc2 && value <= 0xf4;
  }

  /** Whether the text may end here. */
  boolean isWhole() {
    return missing == 0;
  }
}
