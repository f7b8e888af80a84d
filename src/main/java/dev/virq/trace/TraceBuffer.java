package dev.virq.trace;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.limits.Budget;
import dev.virq.limits.Cost;
import dev.virq.sync.WorkerName;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The event log of a sandbox: numbers the events and keeps the last ones.
 *
 * <p>What is only {@linkplain Tracepoint#forWatchers for watchers} is recorded while somebody
 * looks, as {@link Probes} knows: between {@link #watch} and {@link #unwatch}, or for another
 * reason.
 *
 * <p>Any thread; the monitor, a leaf lock, is held for the copy of one event. Grows from nothing to
 * its bound, so that an idle sandbox costs little, and only as far as there is memory for history;
 * past that the oldest events are overwritten, and a reader learns how many it missed. Recording
 * allocates only while the buffer grows.
 */
public final class TraceBuffer implements Probe {
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
  private final LongSupplier nanoClock;
  private final long beganNanos;
  private final long beganMillis;
  private final @Nullable String workers;

  @GuardedBy("this")
  private final EventSlots slots = new EventSlots();

  /** The name of the worker that recorded last. */
  @GuardedBy("this")
  private @Nullable String lastWorker;

  /** The time of the newest event, in nanoseconds since the log began. */
  @GuardedBy("this")
  private long newest;

  /** How many events there are in the slots. */
  @GuardedBy("this")
  private int kept;

  /** Released by the next event or the end; null while nobody waits for it. */
  @GuardedBy("this")
  private @Nullable CountDownLatch next;

  /** Nothing is remembered any more, or readers are told to go: they wait no longer. */
  private volatile boolean closed;

  @GuardedBy("this")
  private boolean ended;

  private final AtomicInteger watchers = new AtomicInteger();

  /** Volatile: a host that boots sets it, any thread looks. */
  private volatile Runnable onWatch = () -> {};

  /** Number of the newest event. Written under the monitor; volatile so that reading needs none. */
  private volatile long seq;

  /**
   * An empty log.
   *
   * @param bound events kept; rounded up to a power of two, at least 16
   * @param clockMillis time of day in milliseconds since 1970 UTC
   */
  public TraceBuffer(int bound, LongSupplier clockMillis) {
    this(
        bound,
        Budget.unbounded(),
        () -> TimeUnit.MILLISECONDS.toNanos(clockMillis.getAsLong()),
        clockMillis,
        null);
  }

  /**
   * An empty log that grows as far as there is memory for history.
   *
   * @param bound as above
   * @param budget the sandbox's
   * @param nanoClock as {@link System#nanoTime}
   * @param clockMillis time of day in milliseconds since 1970 UTC; read once
   * @param workers what the names of threads begin with that are workers, and are called by what
   *     comes after it; null when none is
   */
  public TraceBuffer(
      int bound,
      Budget budget,
      LongSupplier nanoClock,
      LongSupplier clockMillis,
      @Nullable String workers) {
    this.budget = budget;
    this.bound = Math.max(FIRST, Integer.highestOneBit(Math.max(1, bound - 1)) << 1);
    this.nanoClock = nanoClock;
    this.beganNanos = nanoClock.getAsLong();
    this.beganMillis = clockMillis.getAsLong();
    this.workers = workers;
  }

  /** What the names of threads begin with that are called by what comes after it, or null. */
  public @Nullable String workers() {
    return workers;
  }

  /** The time, on the clock of the events. */
  public long nanos() {
    return nanoClock.getAsLong();
  }

  /** Number of the newest event, 0 before the first. */
  public long seq() {
    return seq;
  }

  /** When the log began, in milliseconds since 1970 UTC: the moment 0 of its events' times. */
  public long beganMillis() {
    return beganMillis;
  }

  /** Which log this is: two that began at different moments, or in different processes, differ. */
  public long identity() {
    return beganMillis * 0x9E37_79B9_7F4A_7C15L ^ beganNanos;
  }

  /** Who is to be told that somebody looks, or nobody any more; the last one given. */
  public void onWatch(Runnable told) {
    onWatch = told;
  }

  /** Somebody looks: everything is recorded until {@link #unwatch}. */
  public void watch() {
    watchers.incrementAndGet();
    onWatch.run();
  }

  /** Looks no more; to be called once for each {@link #watch}. */
  public void unwatch() {
    watchers.decrementAndGet();
    onWatch.run();
  }

  @Override
  public boolean observes(Tracepoint point) {
    return point.eventType() != null;
  }

  /** Whether somebody looks. Takes no lock. */
  public boolean isWatched() {
    return watchers.get() != 0;
  }

  @Override
  public boolean observesForWatchers(Tracepoint point) {
    return point.forWatchers();
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, Detail detail) {
    if (point.eventType() == null) {
      return;
    }
    long known = known(point, subject, detail);
    CountDownLatch awaited;
    synchronized (this) {
      long number = seq + 1;
      // Once a round: a log that got no memory is not to ask for each event.
      int capacity = slots.capacity();
      if (kept == capacity && ((int) seq & (capacity - 1)) == 0 && kept < bound) {
        grow();
      }
      kept = Math.min(kept + 1, slots.capacity());
      // So that times are in the order of the numbers, whoever read the clock, and when.
      newest = Math.max(newest, (known == 0 ? nanos() : known) - beganNanos);
      slots.write(number, newest, point, subject, value, detail, workerName());
      seq = number;
      awaited = takeNext();
    }
    if (awaited != null) {
      awaited.countDown();
    }
  }

  /** When a step happened, as far as who carries it has read the clock; 0 otherwise. */
  private static long known(Tracepoint point, Subject subject, Detail detail) {
    long known = subject.nanos();
    return known == 0 ? detail.nanosOf(point) : known;
  }

  /** Of workers only: these names live as long as the sandbox. */
  @SuppressWarnings("ReferenceEquality") // one that is equal is only looked at again
  @GuardedBy("this")
  private @Nullable String workerName() {
    String name = workers == null ? null : WorkerName.current();
    if (name == null || name == lastWorker) {
      return name;
    }
    if (!name.startsWith(workers)) {
      return null;
    }
    lastWorker = name;
    return name;
  }

  @GuardedBy("this")
  private @Nullable CountDownLatch takeNext() {
    CountDownLatch awaited = next;
    next = null;
    return awaited;
  }

  /**
   * What a reader waits for that knows the events up to a number: released by the next event, by
   * {@link #wake}, and when readers have to go. Null when there is nothing to wait for.
   *
   * <p>One latch for all readers: an event costs the thread that records it no more for many.
   */
  public @Nullable CountDownLatch nextAfter(long known) {
    synchronized (this) {
      if (seq > known || closed) {
        return null;
      }
      if (next == null) {
        next = new CountDownLatch(1);
      }
      return next;
    }
  }

  /** Lets readers that wait look again, although there is nothing new. */
  public void wake() {
    release(false);
  }

  /** Whether readers have to go. */
  public boolean isClosed() {
    return closed;
  }

  /** Readers wait no longer and have to go. Events are recorded all the same. */
  public void close() {
    release(true);
  }

  private void release(boolean closes) {
    CountDownLatch awaited;
    synchronized (this) {
      closed |= closes;
      awaited = takeNext();
    }
    if (awaited != null) {
      awaited.countDown();
    }
  }

  /** Number of the oldest event that is kept; that of the next one when none is. */
  public long oldest() {
    synchronized (this) {
      return seq - kept + 1;
    }
  }

  /**
   * Reads events.
   *
   * @param after number of the last event already known, 0 for none
   * @param limit how many at most
   */
  public Page after(long after, int limit) {
    synchronized (this) {
      long oldest = seq - kept + 1;
      long from = Math.max(Math.min(after, seq) + 1, oldest);
      List<TraceEvent> events = new ArrayList<>();
      for (long number = from; number <= seq && events.size() < limit; number++) {
        events.add(slots.read(number, workers));
      }
      return new Page(List.copyOf(events), Math.max(0, oldest - Math.max(0, after) - 1));
    }
  }

  /** The sandbox is gone: gives back what the log took, and grows no more. */
  public void end() {
    close();
    synchronized (this) {
      if (!ended) {
        ended = true;
        budget.forget(Cost.KEPT_EVENT.of(Math.max(0, slots.capacity() - FIRST)));
      }
    }
  }

  /** Doubles the slots if there is memory. They are full, and the oldest event is in the first. */
  @GuardedBy("this")
  private void grow() {
    int before = slots.capacity();
    int capacity = Math.min(bound, Math.max(FIRST, before * 2));
    if (before > 0 && (ended || !budget.tryRecord(Cost.KEPT_EVENT.of(capacity - before)))) {
      return;
    }
    slots.grow(capacity, seq - kept + 1);
  }
}
