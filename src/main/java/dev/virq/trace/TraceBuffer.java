package dev.virq.trace;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.limits.Budget;
import dev.virq.limits.Cost;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The event log of a sandbox: numbers the events and keeps the last ones.
 *
 * <p>Any thread; a leaf lock is held for the copy of one event. Grows from nothing to its bound, so
 * that an idle sandbox costs little, and only as far as there is memory for history; past that the
 * oldest events are overwritten, and a reader learns how many it missed. Recording allocates only
 * while the buffer grows.
 */
public final class TraceBuffer implements Probe {
  private static final int WORDS = 6;

  /** Events that are paid for with the sandbox. */
  private static final int FIRST = 16;

  /**
   * Events after a number.
   *
   * @param events oldest first
   * @param lost how many between the number asked for and the first event were overwritten
   */
  public record Page(List<TraceEvent> events, long lost) {}

  private final int bound;
  private final Budget budget;
  private final LongSupplier clockMillis;
  private final ReentrantLock lock = new ReentrantLock();

  // An event's words stand at (seq - 1) % capacity; seq is written last.
  @GuardedBy("lock")
  private long[] words = {};

  @GuardedBy("lock")
  private @Nullable String[] details = {};

  @GuardedBy("lock")
  private Tracepoint[] points = {};

  /** How many events there are in the slots. */
  @GuardedBy("lock")
  private int kept;

  @GuardedBy("lock")
  private boolean ended;

  /** Number of the newest event. Written under the lock; volatile so that reading needs none. */
  private volatile long seq;

  /**
   * An empty log.
   *
   * @param bound events kept; rounded up to a power of two, at least 16
   * @param clockMillis time of day in milliseconds since 1970 UTC
   */
  public TraceBuffer(int bound, LongSupplier clockMillis) {
    this(bound, Budget.unbounded(), clockMillis);
  }

  /**
   * An empty log that grows as far as there is memory for history.
   *
   * @param bound as above
   * @param budget the sandbox's
   * @param clockMillis time of day in milliseconds since 1970 UTC
   */
  public TraceBuffer(int bound, Budget budget, LongSupplier clockMillis) {
    this.budget = budget;
    this.bound = Math.max(FIRST, Integer.highestOneBit(Math.max(1, bound - 1)) << 1);
    this.clockMillis = clockMillis;
  }

  /** Number of the newest event, 0 before the first. */
  public long seq() {
    return seq;
  }

  @Override
  public boolean observes(Tracepoint point) {
    return point.eventType() != null;
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, Detail detail) {
    if (point.eventType() == null) {
      return;
    }
    long now = clockMillis.getAsLong();
    lock.lock();
    try {
      long number = seq + 1;
      // Once a round: a log that got no memory is not to ask for each event.
      if (kept == points.length && ((int) seq & (points.length - 1)) == 0 && kept < bound) {
        grow();
      }
      kept = Math.min(kept + 1, points.length);
      int slot = (int) ((number - 1) & (points.length - 1));
      int at = slot * WORDS;
      words[at] = now;
      words[at + 1] = subject.vmId();
      words[at + 2] = subject.irqfdId();
      words[at + 3] = subject.eventfdId();
      words[at + 4] = subject.gsi();
      words[at + 5] = value;
      points[slot] = point;
      // The word only: keeping the object could keep alive what the sandbox has freed.
      details[slot] = detail.label();
      seq = number;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Reads events.
   *
   * @param after number of the last event already known, 0 for none
   * @param limit how many at most
   */
  public Page after(long after, int limit) {
    lock.lock();
    try {
      long oldest = seq - kept + 1;
      long from = Math.max(Math.min(after, seq) + 1, oldest);
      List<TraceEvent> events = new ArrayList<>();
      for (long number = from; number <= seq && events.size() < limit; number++) {
        events.add(read(number));
      }
      return new Page(List.copyOf(events), Math.max(0, oldest - Math.max(0, after) - 1));
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private TraceEvent read(long number) {
    int slot = (int) ((number - 1) & (points.length - 1));
    int at = slot * WORDS;
    return new TraceEvent(
        number,
        words[at],
        points[slot],
        words[at + 1],
        words[at + 2],
        words[at + 3],
        words[at + 4],
        words[at + 5],
        details[slot]);
  }

  /** The sandbox is gone: gives back what the log took, and grows no more. */
  public void end() {
    lock.lock();
    try {
      if (!ended) {
        ended = true;
        budget.forget(Cost.KEPT_EVENT.of(Math.max(0, points.length - FIRST)));
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Doubles the slots if there is memory. They are full, and the oldest event is in slot 0; it is
   * to be in the slot that its number says.
   */
  @GuardedBy("lock")
  private void grow() {
    int before = points.length;
    int capacity = Math.min(bound, Math.max(FIRST, before * 2));
    if (before > 0 && (ended || !budget.tryRemember(Cost.KEPT_EVENT.of(capacity - before)))) {
      return;
    }
    int to = (int) (seq - kept) & (capacity - 1);
    long[] moreWords = new long[capacity * WORDS];
    System.arraycopy(words, 0, moreWords, to * WORDS, before * WORDS);
    Tracepoint[] morePoints = new Tracepoint[capacity];
    System.arraycopy(points, 0, morePoints, to, before);
    @Nullable String[] moreDetails = new String[capacity];
    System.arraycopy(details, 0, moreDetails, to, before);
    words = moreWords;
    points = morePoints;
    details = moreDetails;
  }
}
