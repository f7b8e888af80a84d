package dev.virq.irqchip;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which lines lead to a message, once a table was set: {@code struct kvm_irq_routing_table}.
 * Immutable.
 *
 * <p>Deviation: a table that leads to chips, which are not simulated yet, is refused with
 * EOPNOTSUPP where the kernel takes it. What the kernel refuses is refused as there.
 */
public final class RoutingTable {
  /** Entries that a table may have; line numbers are below this too. */
  public static final int MAX_ENTRIES = 4096;

  /** KVM_MSI_VALID_DEVID, the one flag there is, for messages only. */
  private static final long VALID_DEVID = 1;

  /** Of chips 0, 1 and 2. */
  private static final int[] PINS = {8, 8, 24};

  /** KVM_IRQ_ROUTING_HV_SINT: the one other kind that the kernel takes as it stands. */
  private static final long HYPERV_SINT = 4;

  private final Set<Long> messages;

  private RoutingTable(Set<Long> messages) {
    this.messages = messages;
  }

  /**
   * Checks a table as KVM_SET_GSI_ROUTING does.
   *
   * @param entries in the caller's order
   * @param flags of the table; there are none
   * @param kind the VM's controller
   * @throws ErrnoException EINVAL; EOPNOTSUPP for what is valid and not simulated
   */
  public static RoutingTable of(List<RoutingEntry> entries, long flags, IrqChip.Kind kind) {
    if (flags != 0) {
      throw invalid("routing table flags %d are unknown", flags);
    }
    if (entries.size() > MAX_ENTRIES) {
      throw invalid("%d routing entries are more than %d", entries.size(), MAX_ENTRIES);
    }
    Map<Long, List<RoutingEntry>> byGsi = new HashMap<>();
    Set<Long> messages = new HashSet<>();
    RoutingEntry foreign = null;
    for (RoutingEntry entry : entries) {
      requireEntry(entry, kind);
      List<RoutingEntry> before = byGsi.computeIfAbsent(entry.gsi(), gsi -> new ArrayList<>(1));
      requireFits(entry, before);
      before.add(entry);
      if (entry instanceof RoutingEntry.Message) {
        messages.add(entry.gsi());
      } else {
        foreign = entry;
      }
    }
    if (foreign != null) {
      throw new ErrnoException(
          Errno.EOPNOTSUPP, "the target of routing entry %s is not simulated".formatted(foreign));
    }
    return new RoutingTable(Set.copyOf(messages));
  }

  /** Whether the line leads to a message. */
  public boolean toMessage(long gsi) {
    return messages.contains(gsi);
  }

  private static void requireEntry(RoutingEntry entry, IrqChip.Kind kind) {
    if (entry.gsi() < 0 || entry.gsi() >= MAX_ENTRIES) {
      throw invalid("gsi %d of a routing entry outside 0..%d", entry.gsi(), MAX_ENTRIES - 1);
    }
    long known = entry instanceof RoutingEntry.Message ? VALID_DEVID : 0;
    if ((entry.flags() & ~known) != 0) {
      throw invalid("flags %d of the routing entry for gsi %d", entry.flags(), entry.gsi());
    }
    switch (entry) {
      case RoutingEntry.Message _ -> {}
      case RoutingEntry.Chip(long gsi, long chip, long pin, long _) -> {
        if (kind == IrqChip.Kind.SPLIT) {
          throw invalid("gsi %d cannot lead to a chip: the controller is split", gsi);
        }
        if (chip < 0 || chip >= PINS.length) {
          throw invalid("chip %d outside 0..%d", chip, PINS.length - 1);
        }
        int pins = PINS[(int) chip];
        if (pin < 0 || pin >= pins) {
          throw invalid("pin %d of chip %d outside 0..%d", pin, chip, pins - 1);
        }
      }
      case RoutingEntry.Other(long _, long type, long _) -> {
        if (type != HYPERV_SINT) {
          throw invalid("routing entry type %d is unknown", type);
        }
      }
    }
  }

  /** A line leads to one pin of each chip at most, or to one of anything else and nothing more. */
  private static void requireFits(RoutingEntry entry, List<RoutingEntry> before) {
    for (RoutingEntry other : before) {
      boolean fits =
          entry instanceof RoutingEntry.Chip one
              && other instanceof RoutingEntry.Chip two
              && one.chip() != two.chip();
      if (!fits) {
        throw invalid("gsi %d has a route that excludes another: %s", entry.gsi(), entry);
      }
    }
  }

  @FormatMethod
  private static ErrnoException invalid(@FormatString String sentence, Object... values) {
    return new ErrnoException(Errno.EINVAL, sentence.formatted(values));
  }
}
