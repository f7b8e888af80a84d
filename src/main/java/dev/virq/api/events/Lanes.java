package dev.virq.api.events;

import dev.virq.trace.TraceEvent;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Events in their order, with what only their order says: the lane that each belongs to, and which
 * begin an end belongs to. What was begun before the first event has no end here, and what has not
 * ended yet is left open.
 *
 * <p>A lane is called by what its thread is. Two threads of the same name, such as two requests
 * that write, share one unless one of them is in the middle of something.
 *
 * <p>One thread. Its memory is bounded by what can be open at once, and by the lanes that takes.
 */
final class Lanes {
  /**
   * A lane.
   *
   * @param number from 1
   * @param name of its threads, with a number behind it for a second one of the name
   */
  record Lane(int number, String name) {}

  /**
   * Something that has begun.
   *
   * @param lane where it has
   * @param begin the event
   * @param span what it is
   * @param thread that it occupies
   */
  record Open(Lane lane, TraceEvent begin, Span span, long thread) {}

  /**
   * An event in its place.
   *
   * @param event the event
   * @param lane its own
   * @param begins what it begins, or null
   * @param ends what it ends, or null; that may be on another lane
   */
  record Placed(TraceEvent event, Lane lane, @Nullable Open begins, @Nullable Open ends) {}

  private final Map<String, Lane> lanes = new LinkedHashMap<>();
  private final Map<String, Open> open = new LinkedHashMap<>();

  /** Threads in the middle of something: their lane, and of how many things. */
  private final Map<Long, Busy> busy = new HashMap<>();

  private static final class Busy {
    final Lane lane;
    int spans;

    Busy(Lane lane) {
      this.lane = lane;
    }
  }

  /** Places the next event. */
  Placed place(TraceEvent event) {
    Span span = Span.of(event);
    // One that begins again has ended, too; that was overwritten.
    Open ends = span == null ? null : open.remove(span.name());
    if (ends != null) {
      release(ends.thread());
    }
    // Where a thread is in the middle of something, it stays.
    boolean own = ends != null && ends.thread() == event.thread();
    Lane lane = own && ends != null ? ends.lane() : lane(event);
    Open begins = null;
    if (span != null && span.begins()) {
      begins = new Open(lane, event, span, event.thread());
      open.put(span.name(), begins);
      busy.computeIfAbsent(event.thread(), _ -> new Busy(lane)).spans++;
    }
    return new Placed(event, lane, begins, ends);
  }

  /** What has not ended, oldest first. */
  Iterable<Open> stillOpen() {
    return open.values();
  }

  private void release(long thread) {
    Busy one = busy.get(thread);
    if (one != null && --one.spans == 0) {
      busy.remove(thread);
    }
  }

  private Lane lane(TraceEvent event) {
    Busy one = busy.get(event.thread());
    if (one != null) {
      return one.lane;
    }
    String name = EventJson.thread(event);
    String free = name;
    for (int n = 2; isBusy(free); n++) {
      free = name + " (" + n + ")";
    }
    return lanes.computeIfAbsent(free, called -> new Lane(lanes.size() + 1, called));
  }

  private boolean isBusy(String name) {
    return busy.values().stream().anyMatch(one -> one.lane.name().equals(name));
  }
}
