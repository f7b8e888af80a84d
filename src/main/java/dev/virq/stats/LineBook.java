package dev.virq.stats;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.errno.ErrnoException;
import dev.virq.limits.Charge;
import dev.virq.limits.Cost;
import dev.virq.vm.Vm;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The counters of one VM's lines.
 *
 * <p>Any thread. A line that leads nowhere is counted only while an irqfd is bound to it: there are
 * 2^32 of them. So the counters are bounded by the routes and the irqfds.
 */
public final class LineBook {
  /** No line has that number. */
  private static final long NONE = -1;

  private final Vm vm;
  private final Charge charge;

  /**
   * Written under this object's monitor, a leaf but for the charge's; read without. Not a hash map:
   * its table would stay as large as it ever was.
   */
  private final ConcurrentSkipListMap<Long, LineCounters> lines = new ConcurrentSkipListMap<>();

  /** Whether the VM is destroyed: what is counted now is not charged here any more. */
  @GuardedBy("this")
  private boolean closed;

  /**
   * Nothing counted yet.
   *
   * @param charge takes the bytes of the counters
   */
  public LineBook(Vm vm, Charge charge) {
    this.vm = vm;
    this.charge = charge;
  }

  /**
   * An irqfd is about to be bound to a line: its signals are counted from now on.
   *
   * @throws ErrnoException EMFILE, ENFILE when there is no memory for the line's counters
   */
  public synchronized void bind(long gsi) {
    counted(gsi).bind();
  }

  /** An irqfd of a line is gone, or was not bound after all. Once for each {@link #bind}. */
  public synchronized void unbind(long gsi) {
    LineCounters counters = lines.get(gsi);
    if (counters != null && counters.unbind() && !vm.routed(gsi)) {
      lines.remove(gsi);
      if (!closed) {
        charge.release(Cost.LINE.bytes());
      }
    }
  }

  /**
   * A call is about to raise a line: its counters, or null for a line that is not counted.
   *
   * @throws ErrnoException EMFILE, ENFILE when there is no memory for them
   */
  public @Nullable LineCounters raising(long gsi) {
    LineCounters counters = lines.get(gsi);
    return counters == null && vm.routed(gsi) ? counted(gsi) : counters;
  }

  private synchronized LineCounters counted(long gsi) {
    LineCounters counters = lines.get(gsi);
    if (counters == null) {
      charge.acquire(Cost.LINE);
      counters = new LineCounters();
      lines.put(gsi, counters);
    }
    return counters;
  }

  /**
   * The VM is destroyed, and what was charged for it given back: no more is given back here.
   *
   * @return how many lines are counted
   */
  public synchronized int close() {
    closed = true;
    return lines.size();
  }

  /** Forgets all: the destroyed VM is not visible any more. */
  public void clear() {
    lines.clear();
  }

  /** How many lines are counted. */
  public int count() {
    return lines.size();
  }

  /** What is counted, by line, in order. */
  public SortedMap<Long, LineCounters.Snapshot> whole() {
    SortedMap<Long, LineCounters.Snapshot> all = new TreeMap<>();
    lines.forEach((gsi, counters) -> all.put(gsi, counters.snapshot()));
    return all;
  }

  /**
   * Has counted for a line what another had.
   *
   * @throws ErrnoException EMFILE, ENFILE when there is no memory for its counters
   */
  public void become(long gsi, LineCounters.Snapshot counted) {
    counted(gsi).become(counted);
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
    List<Long> page = new ArrayList<>();
    Iterator<Long> counted = lines.tailMap(after, false).keySet().iterator();
    long nextCounted = next(counted);
    long nextRouted = vm.nextRouted(after);
    while (page.size() < limit && (nextCounted != NONE || nextRouted != NONE)) {
      boolean isCounted = nextCounted != NONE && (nextRouted == NONE || nextCounted <= nextRouted);
      long line = isCounted ? nextCounted : nextRouted;
      page.add(line);
      if (isCounted) {
        nextCounted = next(counted);
      }
      if (line == nextRouted) {
        nextRouted = vm.nextRouted(line);
      }
    }
    return page;
  }

  private static long next(Iterator<Long> lines) {
    return lines.hasNext() ? lines.next() : NONE;
  }
}
