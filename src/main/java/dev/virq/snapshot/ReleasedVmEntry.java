package dev.virq.snapshot;

import dev.virq.host.VmFile;
import dev.virq.irqchip.FormerChip;
import dev.virq.irqfd.TearDown;
import dev.virq.stats.LineCounters;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A released VM that can still be asked for.
 *
 * @param number its number
 * @param name the caller's label, or null
 * @param bootVcpu number of its boot processor
 * @param chip what is kept of its controller; null when it never had one
 * @param lines what was counted, by line, in order
 * @param gracePeriodNanos the longest wait of its close for readers
 * @param waitedForReaders how many there were
 * @param flushNanos the longest wait of its close for injections
 * @param vmFreed whether an irqfd had the last reference
 */
public record ReleasedVmEntry(
    long number,
    @Nullable String name,
    int bootVcpu,
    FormerChip.@Nullable Whole chip,
    List<VmEntry.Line> lines,
    long gracePeriodNanos,
    long waitedForReaders,
    long flushNanos,
    boolean vmFreed) {
  /** Copies the list. */
  public ReleasedVmEntry {
    lines = List.copyOf(lines);
  }

  static ReleasedVmEntry of(VmFile file) {
    TearDown end = file.end();
    TearDown took = end == null ? TearDown.NONE : end;
    FormerChip chip = file.vm().former();
    return new ReleasedVmEntry(
        file.id(),
        file.name(),
        file.vm().vcpus().boot(),
        chip == null ? null : chip.whole(),
        file.lines().whole().entrySet().stream().map(VmEntry.Line::of).toList(),
        took.gracePeriodNanos(),
        took.waitedForReaders(),
        took.flushNanos(),
        took.vmFreed());
  }

  SortedMap<Long, LineCounters.Snapshot> counters() {
    SortedMap<Long, LineCounters.Snapshot> all = new TreeMap<>();
    lines.forEach(line -> all.put(line.gsi(), line.counters()));
    return all;
  }

  TearDown took() {
    return new TearDown(gracePeriodNanos, waitedForReaders, flushNanos, vmFreed);
  }
}
