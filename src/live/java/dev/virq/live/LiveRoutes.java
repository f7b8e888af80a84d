package dev.virq.live;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A routing table in the kernel's form, from the words of {@code routing_set}.
 *
 * @param entries ten numbers each at most: GSI, type, flags, then what the type has
 * @param flags of the table
 */
record LiveRoutes(List<int[]> entries, int flags) {
  private static final int HEADER_BYTES = 8;
  private static final int ENTRY_BYTES = 48;

  /** Where the type's own part begins. */
  private static final int UNION = 16;

  /** More are refused whatever they are. */
  private static final int MOST = 4097;

  /** The table that the words stand for. */
  static LiveRoutes of(List<String> words) {
    List<int[]> entries = new ArrayList<>();
    int flags = 0;
    for (String word : words) {
      if (word.startsWith("flags=")) {
        flags = number(word.substring("flags=".length()));
      } else if (word.startsWith("fill=")) {
        long fill = Answers.number(word.substring("fill=".length()));
        for (int gsi = 0; gsi < fill && entries.size() < MOST; gsi++) {
          entries.add(new int[] {gsi, Uapi.ROUTE_MSI, 0, Uapi.LAPIC_BASE, 0, 0x20 + gsi % 200});
        }
      } else {
        entries.add(entry(word));
      }
    }
    return new LiveRoutes(entries, flags);
  }

  /** Replaces the VM's table; 0. */
  int set(Libc libc, LiveVm vm) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment table = arena.allocate(HEADER_BYTES + (long) ENTRY_BYTES * entries.size(), 8);
      table.set(JAVA_INT, 0, entries.size());
      table.set(JAVA_INT, 4, flags);
      for (int i = 0; i < entries.size(); i++) {
        long at = HEADER_BYTES + (long) ENTRY_BYTES * i;
        int[] numbers = entries.get(i);
        for (int j = 0; j < numbers.length; j++) {
          table.set(JAVA_INT, at + (j < 3 ? 4L * j : UNION + 4L * (j - 3)), numbers[j]);
        }
      }
      return libc.ioctl(vm.fd(), Uapi.SET_GSI_ROUTING, table);
    }
  }

  private static int[] entry(String word) {
    List<String> parts = new ArrayList<>(List.of(word.split(":", -1)));
    int flags = 0;
    if (parts.getLast().startsWith("flags=")) {
      flags = number(parts.removeLast().substring("flags=".length()));
    }
    int gsi = number(parts.getFirst());
    String kind = parts.get(1);
    return switch (kind) {
      case "irqchip" ->
          new int[] {gsi, Uapi.ROUTE_CHIP, flags, chip(parts.get(2)), number(parts.get(3))};
      case "msi" ->
          new int[] {
            gsi,
            Uapi.ROUTE_MSI,
            flags,
            number(parts.get(2)),
            parts.size() > 4 ? number(parts.get(4)) : 0,
            number(parts.get(3))
          };
      default -> new int[] {gsi, number(kind.substring("type".length())), flags};
    };
  }

  private static int chip(String word) {
    return switch (word) {
      case "master" -> Uapi.CHIP_MASTER;
      case "slave" -> Uapi.CHIP_SLAVE;
      case "ioapic" -> Uapi.CHIP_IOAPIC;
      default -> number(word);
    };
  }

  private static int number(String word) {
    return (int) Answers.number(word);
  }
}
