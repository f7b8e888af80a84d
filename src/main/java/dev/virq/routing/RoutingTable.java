package dev.virq.routing;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.limits.Cost;
import dev.virq.message.Message;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Where every line leads: {@code struct kvm_irq_routing_table}. Immutable.
 *
 * <p>Checks, default table and the way back from a pin to its line: behaviour.md §1, §5 and §10.
 */
public final class RoutingTable {
  /** Entries that a table may have; line numbers are below this too. */
  public static final int MAX_ENTRIES = 4096;

  /** Lines of the default table that lead to an 8259 too. */
  private static final int PIC_LINES = 16;

  /** KVM_MSI_VALID_DEVID, the one flag there is, for messages only. */
  private static final long VALID_DEVID = 1;

  private static final Chip[] CHIPS = Chip.values();
  private static final List<Route> NOWHERE = List.of();

  /** A table that leads nowhere: what a split controller begins with. */
  public static final RoutingTable EMPTY = new RoutingTable(List.of());

  /** What the full controller begins with. */
  public static final RoutingTable DEFAULT = new RoutingTable(defaults());

  private final List<RoutingEntry> entries;

  /** By line, up to the highest that is named. */
  private final List<List<Route>> routes;

  /** The line of each pin of each chip; -1 for none. */
  private final int[][] lines;

  /** The entries are right. */
  private RoutingTable(List<RoutingEntry> entries) {
    this.entries = List.copyOf(entries);
    this.lines = new int[CHIPS.length][];
    for (Chip chip : CHIPS) {
      int[] none = new int[chip.pins()];
      Arrays.fill(none, -1);
      lines[chip.ordinal()] = none;
    }
    List<List<Route>> byLine = new ArrayList<>();
    for (RoutingEntry entry : entries) {
      int gsi = (int) entry.gsi();
      while (byLine.size() <= gsi) {
        byLine.add(NOWHERE);
      }
      List<Route> before = byLine.get(gsi);
      Route route = route(entry);
      if (before.isEmpty()) {
        byLine.set(gsi, List.of(route));
      } else {
        List<Route> longer = new ArrayList<>(before);
        longer.add(route);
        byLine.set(gsi, List.copyOf(longer));
      }
      if (route instanceof Route.Pin(Chip chip, int pin)) {
        lines[chip.ordinal()][pin] = gsi;
      }
    }
    this.routes = List.copyOf(byLine);
  }

  private static Route route(RoutingEntry entry) {
    return switch (entry) {
      case RoutingEntry.Pin pin -> new Route.Pin(CHIPS[(int) pin.chip()], (int) pin.pin());
      case RoutingEntry.Message message ->
          new Route.Send(Message.msi(message.address(), message.data()), message.addressHigh());
      case RoutingEntry.Other other -> throw new IllegalStateException(other + " was not refused");
    };
  }

  /** Lines 0 to 15 lead to the I/O APIC and an 8259, 16 to 23 to the I/O APIC only. */
  private static List<RoutingEntry> defaults() {
    List<RoutingEntry> all = new ArrayList<>();
    for (int gsi = 0; gsi < Chip.IOAPIC.pins(); gsi++) {
      all.add(new RoutingEntry.Pin(gsi, Chip.IOAPIC.ordinal(), gsi, 0));
      if (gsi < PIC_LINES) {
        Chip half = gsi < Chip.MASTER.pins() ? Chip.MASTER : Chip.SLAVE;
        all.add(new RoutingEntry.Pin(gsi, half.ordinal(), gsi % half.pins(), 0));
      }
    }
    return all;
  }

  /**
   * Checks a table as KVM_SET_GSI_ROUTING does.
   *
   * @param entries in the caller's order
   * @param flags of the table; there are none
   * @param chips whether there are chips to lead to
   * @throws ErrnoException EINVAL
   */
  public static RoutingTable of(List<RoutingEntry> entries, long flags, boolean chips) {
    return of(entries, flags, chips, bytes -> {});
  }

  /**
   * As {@link #of(List, long, boolean)}, and asks before it makes the table.
   *
   * @param room handed the bytes that the table takes, when the entries are right; nothing is made
   *     when it throws
   */
  public static RoutingTable of(
      List<RoutingEntry> entries, long flags, boolean chips, LongConsumer room) {
    if (flags != 0) {
      throw invalid("routing table flags must be 0, not %d", flags);
    }
    if (entries.size() > MAX_ENTRIES) {
      throw invalid("%d routing entries exceed the limit of %d", entries.size(), MAX_ENTRIES);
    }
    List<@Nullable List<RoutingEntry>> byLine = new ArrayList<>();
    for (RoutingEntry entry : entries) {
      requireEntry(entry, chips);
      int gsi = (int) entry.gsi();
      while (byLine.size() <= gsi) {
        byLine.add(null);
      }
      List<RoutingEntry> before = byLine.get(gsi);
      if (before == null) {
        before = new ArrayList<>(1);
        byLine.set(gsi, before);
      }
      requireFits(entry, before);
      before.add(entry);
    }
    room.accept(
        Cost.ROUTING_TABLE.bytes()
            + Cost.ROUTE.of(entries.size())
            + Cost.ROUTED_LINE.of(byLine.size()));
    return new RoutingTable(entries);
  }

  /**
   * Checks what only matters where destinations have 32 bits.
   *
   * @throws ErrnoException EINVAL
   */
  public static void requireWide(List<RoutingEntry> entries) {
    for (RoutingEntry entry : entries) {
      if (entry instanceof RoutingEntry.Message message
          && !Message.isWideAddress(message.addressHigh())) {
        throw invalid(
            "address 0x%x of the routing entry for gsi %d has other bits above 32 than the 24 of a"
                + " destination",
            message.addressHigh() << 32 | message.address(), message.gsi());
      }
    }
  }

  /** The entries, in the caller's order. */
  public List<RoutingEntry> entries() {
    return entries;
  }

  /** Where the line leads, in the order of the table; any number. */
  public List<Route> routes(long gsi) {
    return gsi >= 0 && gsi < routes.size() ? routes.get((int) gsi) : NOWHERE;
  }

  /** The message that the line leads to and nothing else, or null. */
  public @Nullable Message onlyMessage(long gsi) {
    List<Route> all = routes(gsi);
    return all.size() == 1 && all.getFirst() instanceof Route.Send(Message message, long _)
        ? message
        : null;
  }

  /** The line that the last entry to name the pin leads away from; -1 for none. */
  public int line(Chip chip, int pin) {
    return lines[chip.ordinal()][pin];
  }

  /** How many lines there are numbers for: one more than the highest that is named. */
  public int size() {
    return routes.size();
  }

  private static void requireEntry(RoutingEntry entry, boolean chips) {
    if (entry.gsi() < 0 || entry.gsi() >= MAX_ENTRIES) {
      throw invalid("gsi %d of a routing entry is outside 0..%d", entry.gsi(), MAX_ENTRIES - 1);
    }
    long known = entry instanceof RoutingEntry.Message ? VALID_DEVID : 0;
    if ((entry.flags() & ~known) != 0) {
      throw invalid(
          "flags %d of the routing entry for gsi %d are not supported", entry.flags(), entry.gsi());
    }
    switch (entry) {
      case RoutingEntry.Message _ -> {}
      case RoutingEntry.Pin(long gsi, long chip, long pin, long _) -> {
        if (!chips) {
          throw invalid("gsi %d cannot lead to a chip: a split controller has none", gsi);
        }
        if (chip < 0 || chip >= CHIPS.length) {
          throw invalid("chip %d is outside 0..%d", chip, CHIPS.length - 1);
        }
        int pins = CHIPS[(int) chip].pins();
        if (pin < 0 || pin >= pins) {
          throw invalid("pin %d of chip %d is outside 0..%d", pin, chip, pins - 1);
        }
      }
      // Kind 4, Hyper-V's, needs a kernel built for it, and kind 5 one with Xen.
      case RoutingEntry.Other(long _, long type, long _) ->
          throw invalid("routing entry type %d is not supported", type);
    }
  }

  /** A line leads to one pin of each chip at most, or to one of anything else and nothing more. */
  private static void requireFits(RoutingEntry entry, List<RoutingEntry> before) {
    for (RoutingEntry other : before) {
      boolean fits =
          entry instanceof RoutingEntry.Pin one
              && other instanceof RoutingEntry.Pin two
              && one.chip() != two.chip();
      if (!fits) {
        throw invalid("gsi %d already has a route that conflicts with %s", entry.gsi(), entry);
      }
    }
  }

  @FormatMethod
  private static ErrnoException invalid(@FormatString String sentence, Object... values) {
    return new ErrnoException(Errno.EINVAL, sentence.formatted(values));
  }
}
