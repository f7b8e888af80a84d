package dev.virq.stats;

import dev.virq.irqchip.IrqChip;
import dev.virq.trace.LineStatus;
import dev.virq.vm.Vm;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The counters of one VM's lines.
 *
 * <p>Any thread. A line that leads nowhere is counted only while an irqfd is bound to it: there are
 * 2^32 of them. So the counters are bounded by the routes and the irqfds.
 */
public final class LineBook {
  private final Vm vm;
  private final Map<Long, LineCounters> lines = new ConcurrentHashMap<>();

  /** Nothing counted yet. */
  public LineBook(Vm vm) {
    this.vm = vm;
  }

  /** An irqfd is about to be bound to a line: its signals are counted from now on. */
  public void bind(long gsi) {
    LineCounters _ =
        lines.compute(
            gsi,
            (line, counters) -> {
              LineCounters kept = counters == null ? new LineCounters() : counters;
              kept.bind();
              return kept;
            });
  }

  /** An irqfd of a line is gone, or was not bound after all. Once for each {@link #bind}. */
  public void unbind(long gsi) {
    boolean routed = routed(gsi);
    LineCounters _ =
        lines.computeIfPresent(
            gsi, (line, counters) -> counters.unbind() && !routed ? null : counters);
  }

  /** A call raised a line, and this is what the controller answered. */
  public void raised(long gsi, LineStatus status) {
    LineCounters counters = lines.get(gsi);
    if (counters == null && routed(gsi)) {
      counters = lines.computeIfAbsent(gsi, line -> new LineCounters());
    }
    if (counters != null) {
      counters.answered(status);
    }
  }

  /** The counters of a line, or null while it is not counted. */
  public @Nullable LineCounters find(long gsi) {
    return lines.get(gsi);
  }

  /** The counters of a line at one moment. */
  public LineCounters.Snapshot snapshot(long gsi) {
    LineCounters counters = lines.get(gsi);
    return counters == null ? LineCounters.Snapshot.NONE : counters.snapshot();
  }

  /** Numbers of the lines that are routed or counted, after a number, in order. */
  public List<Long> lines(long after, int limit) {
    TreeSet<Long> all = new TreeSet<>(lines.keySet());
    vm.lines().forEach(line -> all.add(line.gsi()));
    return all.tailSet(after, false).stream().limit(limit).toList();
  }

  private boolean routed(long gsi) {
    IrqChip chip = vm.irqchip();
    return chip != null && chip.routed(gsi);
  }
}
