package dev.virq.api.input;

/**
 * Follows JSON byte by byte and says when an object has more members than any object needs. A
 * parser keeps every name of an object until it ends, so as to know a second one, and each is ten
 * times as long in memory as it was sent. Not for several threads.
 */
final class Members {
  /** The largest objects of the API have some forty; labels are bounded before. */
  static final int MOST = 256;

  /** Deeper than any parser goes. */
  private static final int DEEPEST = 1_024;

  private final short[] counts = new short[DEEPEST];
  private int depth;
  private boolean inString;
  private boolean escaped;

  /** Takes the next byte; false when an object has too many members with it. */
  boolean accepts(byte next) {
    if (inString) {
      inString = escaped || next != '"';
      escaped = !escaped && next == '\\';
      return true;
    }
    switch (next) {
      case '"' -> inString = true;
      case '{', '[' -> {
        depth = Math.min(depth + 1, DEEPEST - 1);
        counts[depth] = 0;
      }
      case '}', ']' -> depth = Math.max(depth - 1, 0);
      case ':' -> {
        return ++counts[depth] <= MOST;
      }
      default -> {}
    }
    return true;
  }
}
