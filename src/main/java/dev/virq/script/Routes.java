package dev.virq.script;

import dev.virq.routing.RoutingEntry;
import dev.virq.routing.RoutingTable;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The words of {@code routing_set}.
 *
 * @param entries the table, in the order of the words
 * @param flags of the table
 */
record Routes(List<RoutingEntry> entries, long flags) {
  private static final String NUMBER = "(0[xX][0-9a-fA-F]{1,32}|[0-9]{1,32})";
  private static final String FLAGS = "(?::flags=" + NUMBER + ")?";
  private static final Map<String, Long> CHIPS = Map.of("master", 0L, "slave", 1L, "ioapic", 2L);

  private static final Pattern CHIP =
      Pattern.compile(
          NUMBER + ":irqchip:(?:(master|slave|ioapic)|" + NUMBER + "):" + NUMBER + FLAGS);
  private static final Pattern MESSAGE =
      Pattern.compile(NUMBER + ":msi:" + NUMBER + ":" + NUMBER + "(?::" + NUMBER + ")?" + FLAGS);
  private static final Pattern OTHER = Pattern.compile(NUMBER + ":type" + NUMBER + FLAGS);
  private static final Pattern TABLE = Pattern.compile("(flags|fill)=" + NUMBER);

  /** KVM_IRQ_ROUTING_IRQCHIP and KVM_IRQ_ROUTING_MSI. */
  private static final long TYPE_CHIP = 1;

  private static final long TYPE_MESSAGE = 2;

  /** What fills a table: vectors 0x20 to 0xe7 of the vCPU whose id is 0, over and over. */
  private static final long FILL_ADDRESS = 0xfee0_0000L;

  private static final long FILL_VECTOR = 0x20;
  private static final long FILL_VECTORS = 200;

  /** Whether the word is one of these, all its numbers of 32 bits. */
  static boolean accepts(String word) {
    for (Pattern pattern : List.of(CHIP, MESSAGE, OTHER, TABLE)) {
      Matcher matcher = pattern.matcher(word);
      if (matcher.matches()) {
        return numbersFit(matcher);
      }
    }
    return false;
  }

  private static boolean numbersFit(Matcher matcher) {
    for (int group = 1; group <= matcher.groupCount(); group++) {
      String text = matcher.group(group);
      if (text != null && Character.isDigit(text.charAt(0)) && !Operand.isNumber(text, 32)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The table that accepted words stand for. Filling ends where the table has too many entries: it
   * is refused either way.
   */
  static Routes of(List<String> words) {
    int most = RoutingTable.MAX_ENTRIES + 1;
    List<RoutingEntry> entries = new ArrayList<>();
    long flags = 0;
    for (String word : words) {
      Matcher table = TABLE.matcher(word);
      if (!table.matches()) {
        entries.add(entry(word));
      } else if (table.group(1).equals("flags")) {
        flags = number(table.group(2));
      } else {
        long fill = number(table.group(2));
        for (long gsi = 0; gsi < fill && entries.size() < most; gsi++) {
          entries.add(
              new RoutingEntry.Message(gsi, FILL_ADDRESS, FILL_VECTOR + gsi % FILL_VECTORS, 0, 0));
        }
      }
    }
    return new Routes(List.copyOf(entries), flags);
  }

  private static RoutingEntry entry(String word) {
    Matcher chip = CHIP.matcher(word);
    if (chip.matches()) {
      Long named = CHIPS.get(chip.group(2) == null ? "" : chip.group(2));
      return new RoutingEntry.Pin(
          number(chip.group(1)),
          named == null ? number(chip.group(3)) : named,
          number(chip.group(4)),
          orZero(chip.group(5)));
    }
    Matcher message = MESSAGE.matcher(word);
    if (message.matches()) {
      return new RoutingEntry.Message(
          number(message.group(1)),
          number(message.group(2)),
          number(message.group(3)),
          orZero(message.group(4)),
          orZero(message.group(5)));
    }
    Matcher other = OTHER.matcher(word);
    if (!other.matches()) {
      throw new IllegalStateException(word + " is not a routing entry");
    }
    long gsi = number(other.group(1));
    long type = number(other.group(2));
    long flags = orZero(other.group(3));
    // An entry given by its kind alone is otherwise all zeros.
    if (type == TYPE_CHIP) {
      return new RoutingEntry.Pin(gsi, 0, 0, flags);
    }
    return type == TYPE_MESSAGE
        ? new RoutingEntry.Message(gsi, 0, 0, 0, flags)
        : new RoutingEntry.Other(gsi, type, flags);
  }

  private static long number(String text) {
    BigInteger number = Operand.number(text);
    if (number == null) {
      throw new IllegalStateException(text + " is not a number");
    }
    return number.longValue();
  }

  private static long orZero(@Nullable String text) {
    return text == null ? 0 : number(text);
  }
}
