package dev.virq.api.input;

/**
 * Follows the escapes of a JSON text byte by byte, to find half of a surrogate pair: {@code
 * \}{@code ud800} is text that no UTF-8 can carry, and parsers let it pass. Outside of strings a
 * backslash is an error that the parser finds. Not for several threads.
 */
final class Surrogates {
  private static final int NONE = -2;
  private static final int BACKSLASH = -1;
  private static final int DIGITS = 4;

  /** Where in an escape the text is: nowhere, after its backslash, or after so many digits. */
  private int escape = NONE;

  private int unit;

  /** Whether the first half of a pair waits for the second. */
  private boolean half;

  /** Takes the next byte; false when a half stays alone with it. */
  boolean accepts(byte next) {
    return switch (escape) {
      case NONE -> plain(next);
      case BACKSLASH -> escaped(next);
      default -> digit(Character.digit(next, 16));
    };
  }

  private boolean plain(byte next) {
    if (next == '\\') {
      escape = BACKSLASH;
      return true;
    }
    return !half;
  }

  private boolean escaped(byte next) {
    unit = 0;
    escape = next == 'u' ? 0 : NONE;
    return escape == 0 || !half;
  }

  private boolean digit(int digit) {
    if (digit < 0) {
      // Not an escape: the parser says so.
      escape = NONE;
      return !half;
    }
    unit = unit << 4 | digit;
    escape++;
    return escape < DIGITS || ends();
  }

  private boolean ends() {
    escape = NONE;
    boolean second = Character.isLowSurrogate((char) unit);
    boolean paired = second == half;
    half = Character.isHighSurrogate((char) unit);
    return paired;
  }
}
