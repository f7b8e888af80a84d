package dev.virq.routing;

import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Line numbers as text, as Linux lists processors: {@code 0-23,40}. */
public final class LineRanges {
  private static final Pattern RANGE = Pattern.compile("([0-9]{1,4})(?:-([0-9]{1,4}))?");

  private LineRanges() {}

  /** As few ranges as there can be, ascending; empty for no line. */
  public static String text(BitSet lines) {
    StringBuilder text = new StringBuilder();
    int first = lines.nextSetBit(0);
    while (first >= 0) {
      int end = lines.nextClearBit(first);
      text.append(text.isEmpty() ? "" : ",").append(first);
      if (end > first + 1) {
        text.append('-').append(end - 1);
      }
      first = lines.nextSetBit(end);
    }
    return text.toString();
  }

  /**
   * The lines of such a text.
   *
   * @throws IllegalArgumentException if it is another text, or has a line that cannot be routed
   */
  public static BitSet lines(String text) {
    BitSet lines = new BitSet();
    for (String range : text.split(",", -1)) {
      add(lines, range);
    }
    // One way to say it: then two documents of one sandbox are the same.
    if (!text(lines).equals(text)) {
      throw new IllegalArgumentException(
          "not ascending ranges of lines in 0..%d, such as 0-23,40"
              .formatted(RoutingTable.MAX_ENTRIES - 1));
    }
    return lines;
  }

  /** Leaves out what is none. */
  private static void add(BitSet lines, String range) {
    Matcher matcher = RANGE.matcher(range);
    if (!matcher.matches()) {
      return;
    }
    int first = Integer.parseInt(matcher.group(1));
    int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
    if (first <= last && last < RoutingTable.MAX_ENTRIES) {
      lines.set(first, last + 1);
    }
  }
}
