package dev.virq.srcu;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The open sections of a tracked domain, the latest first: what lockdep knows in the kernel.
 *
 * <p>Any thread; the monitor is a leaf lock.
 */
final class OpenSections {
  /** Sections one thread may have open at once; more is taken for a leak in a loop. */
  static final int MOST_NESTED = 4_096;

  @GuardedBy("this")
  private final Deque<Entry> open = new ArrayDeque<>();

  private record Entry(
      Thread thread, int index, boolean handOff, long since, List<StackTraceElement> begunAt) {}

  /**
   * Remembers a section that was just begun.
   *
   * @throws IllegalStateException when the thread has 4,096 others open; nothing is remembered then
   */
  synchronized void begun(int index, boolean handOff) {
    Thread me = Thread.currentThread();
    if (!handOff
        && open.stream().filter(e -> !e.handOff && e.thread.equals(me)).count() >= MOST_NESTED) {
      throw new IllegalStateException(me + " has " + MOST_NESTED + " read sections open");
    }
    open.push(
        new Entry(me, index, handOff, System.nanoTime(), List.of(new Throwable().getStackTrace())));
  }

  /**
   * Forgets a section that is about to be ended: the caller's own, or else one whose index must
   * have been handed to it.
   *
   * @throws IllegalStateException when there is none of that index and kind
   */
  synchronized void ending(int index, boolean handOff) {
    Thread me = Thread.currentThread();
    if (!forget(index, handOff, me) && !forget(index, handOff, null)) {
      throw new IllegalStateException(
          "%s ends a section of index %d that was not begun by %s"
              .formatted(me, index, handOff ? "downRead" : "readLock"));
    }
  }

  @GuardedBy("this")
  private boolean forget(int index, boolean handOff, @Nullable Thread owner) {
    for (Iterator<Entry> all = open.iterator(); all.hasNext(); ) {
      Entry entry = all.next();
      if (entry.index == index
          && entry.handOff == handOff
          && (owner == null || entry.thread.equals(owner))) {
        all.remove();
        return true;
      }
    }
    return false;
  }

  /** Whether the calling thread began a section that is open, hand-offs left out. */
  synchronized boolean mine() {
    Thread me = Thread.currentThread();
    return open.stream().anyMatch(e -> !e.handOff && e.thread.equals(me));
  }

  /** The open sections of a rank, the oldest first. */
  List<Stall.OpenSection> of(int index) {
    List<Entry> entries;
    synchronized (this) {
      entries = new ArrayList<>(open);
    }
    long now = System.nanoTime();
    return entries.reversed().stream()
        .filter(e -> e.index == index)
        .map(e ->
            new Stall.OpenSection(
                e.thread,
                e.thread.isAlive(),
                e.index,
                e.handOff,
                now - e.since,
                e.begunAt,
                List.of(e.thread.getStackTrace())))
        .toList();
  }
}
