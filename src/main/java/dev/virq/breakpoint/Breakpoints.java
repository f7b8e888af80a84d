package dev.virq.breakpoint;

import dev.virq.trace.Detail;
import dev.virq.trace.Probe;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A probe that stops threads at stoppable tracepoints until somebody lets them go.
 *
 * <p>Every stay ends: by release, removal, {@link #disarm}, or its time limit. A tracepoint where
 * no breakpoint is set costs one volatile read. Control calls hold the lock only for bookkeeping,
 * never while a thread is stopped.
 */
public final class Breakpoints implements Probe {

  /** Told of every change, outside the lock, on the thread that caused it. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Something changed.
     *
     * @param event {@link Tracepoint#BREAKPOINT_PARKED}, {@code _RELEASED} or {@code _EXPIRED}
     * @param subject the objects of the thread concerned
     * @param breakpoint number of the breakpoint
     */
    void changed(Tracepoint event, Subject subject, long breakpoint);
  }

  /** One stopped thread. The fields but the record are guarded by the lock. */
  private static final class Stay {
    final Breakpoint.Parked parked;
    final Condition gone;
    boolean released;

    Stay(Breakpoint.Parked parked, Condition gone) {
      this.parked = parked;
      this.gone = gone;
    }
  }

  /** One breakpoint's state; guarded by the lock. */
  private static final class Armed {
    final long id;
    final Breakpoint.Spec spec;
    final List<Stay> stays = new ArrayList<>();
    int skip;
    int hits;
    int hitCount;
    boolean expired;

    Armed(long id, Breakpoint.Spec spec) {
      this.id = id;
      this.spec = spec;
      this.skip = spec.skip();
      this.hits = spec.hits();
    }

    Breakpoint snapshot() {
      Breakpoint.State state;
      if (expired) {
        state = Breakpoint.State.EXPIRED;
      } else if (!stays.isEmpty()) {
        state = Breakpoint.State.PARKED;
      } else {
        state = hits > 0 ? Breakpoint.State.ARMED : Breakpoint.State.DONE;
      }
      return new Breakpoint(
          id, spec, state, hitCount, stays.stream().map(stay -> stay.parked).toList());
    }
  }

  private final Consumer<Runnable> sleeping;
  private final LongSupplier clockMillis;
  private final Listener listener;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by lock.
  private final Map<Long, Armed> breakpoints = new LinkedHashMap<>();
  private long lastId;
  private boolean closed;

  /** One bit a tracepoint that has a breakpoint. Volatile: read by every thread that passes. */
  private volatile long armed;

  /** Every stopped thread. Replaced under the lock; volatile so that readers need none. */
  private volatile List<Breakpoint.Parked> parked = List.of();

  /**
   * No breakpoints yet.
   *
   * @param sleeping runs a wait, so that a worker's place can be given to another meanwhile
   * @param clockMillis time of day in milliseconds since 1970 UTC
   * @param listener told of every change
   */
  public Breakpoints(Consumer<Runnable> sleeping, LongSupplier clockMillis, Listener listener) {
    this.sleeping = sleeping;
    this.clockMillis = clockMillis;
    this.listener = listener;
  }

  /**
   * Arms a breakpoint.
   *
   * @throws IllegalArgumentException when threads cannot be stopped at the point
   */
  public Breakpoint set(Breakpoint.Spec spec) {
    if (!spec.point().stoppable()) {
      throw new IllegalArgumentException(spec.point() + " is not stoppable");
    }
    lock.lock();
    try {
      Armed one = new Armed(++lastId, spec);
      breakpoints.put(one.id, one);
      refresh();
      return one.snapshot();
    } finally {
      lock.unlock();
    }
  }

  /** All breakpoints, oldest first. */
  public List<Breakpoint> list() {
    lock.lock();
    try {
      return breakpoints.values().stream().map(Armed::snapshot).toList();
    } finally {
      lock.unlock();
    }
  }

  /** The breakpoint of that number, or null. */
  public @Nullable Breakpoint find(long id) {
    lock.lock();
    try {
      Armed one = breakpoints.get(id);
      return one == null ? null : one.snapshot();
    } finally {
      lock.unlock();
    }
  }

  /** Threads that the breakpoints may still stop or stop now, to bound them. */
  public long capacity() {
    lock.lock();
    try {
      long sum = 0;
      for (Armed one : breakpoints.values()) {
        sum += one.hits + one.stays.size();
      }
      return sum;
    } finally {
      lock.unlock();
    }
  }

  /** Every stopped thread; takes no lock. */
  public List<Breakpoint.Parked> parked() {
    return parked;
  }

  /**
   * Lets threads go, longest stopped first. The breakpoint stays armed if it has hits left.
   *
   * @param id number of the breakpoint
   * @param threads how many at most
   * @return the breakpoint afterwards, or null when there is none of that number
   */
  public @Nullable Breakpoint release(long id, int threads) {
    List<Stay> freed = new ArrayList<>();
    Breakpoint after;
    lock.lock();
    try {
      Armed one = breakpoints.get(id);
      if (one == null) {
        return null;
      }
      while (freed.size() < threads && !one.stays.isEmpty()) {
        freed.add(free(one, one.stays.getFirst()));
      }
      refresh();
      after = one.snapshot();
    } finally {
      lock.unlock();
    }
    tell(freed, Tracepoint.BREAKPOINT_RELEASED);
    return after;
  }

  /**
   * Removes a breakpoint and lets its threads go.
   *
   * @return the breakpoint as it was before, or null when there is none of that number
   */
  public @Nullable Breakpoint remove(long id) {
    List<Stay> freed;
    Breakpoint before;
    lock.lock();
    try {
      Armed one = breakpoints.remove(id);
      if (one == null) {
        return null;
      }
      before = one.snapshot();
      freed = freeAll(one);
      refresh();
    } finally {
      lock.unlock();
    }
    tell(freed, Tracepoint.BREAKPOINT_RELEASED);
    return before;
  }

  /** Lets every thread go and disarms every breakpoint; they stay listed. */
  public void disarm() {
    List<Stay> freed = new ArrayList<>();
    lock.lock();
    try {
      for (Armed one : breakpoints.values()) {
        one.hits = 0;
        freed.addAll(freeAll(one));
      }
      refresh();
    } finally {
      lock.unlock();
    }
    tell(freed, Tracepoint.BREAKPOINT_RELEASED);
  }

  /** As {@link #disarm}, for good: no thread is stopped any more. */
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    disarm();
  }

  @Override
  public boolean observes(Tracepoint point) {
    return point.stoppable();
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, Detail detail) {
    if ((armed & bit(point)) == 0) {
      return;
    }
    Stay stay;
    Armed one;
    lock.lock();
    try {
      one = claim(point, subject);
      if (one == null) {
        return;
      }
      boolean held = one.spec.action() == Breakpoint.Action.HOLD;
      Breakpoint.Parked thread =
          new Breakpoint.Parked(
              one.id,
              point,
              held,
              Thread.currentThread().getName(),
              subject,
              detail,
              value,
              clockMillis.getAsLong());
      stay = new Stay(thread, lock.newCondition());
      one.stays.add(stay);
      refresh();
    } finally {
      lock.unlock();
    }
    listener.changed(Tracepoint.BREAKPOINT_PARKED, subject, one.id);
    sleeping.accept(() -> stop(one, stay));
  }

  /** The first breakpoint that wants this thread, with the hit taken off it. Lock held. */
  private @Nullable Armed claim(Tracepoint point, Subject subject) {
    if (closed) {
      return null;
    }
    for (Armed one : breakpoints.values()) {
      if (one.spec.point() != point || one.hits == 0 || !one.spec.match().covers(subject)) {
        continue;
      }
      if (one.skip > 0) {
        one.skip--;
        continue;
      }
      one.hits--;
      one.hitCount++;
      return one;
    }
    return null;
  }

  /** Keeps the calling thread until it is released or its time is up. */
  private void stop(Armed one, Stay stay) {
    long limit = stay.parked.held() ? one.spec.maxHoldNanos() : one.spec.delayNanos();
    long deadline = System.nanoTime() + limit;
    boolean interrupted = false;
    boolean timedOut = false;
    lock.lock();
    try {
      while (!stay.released) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          timedOut = true;
          one.expired |= stay.parked.held();
          free(one, stay);
          refresh();
          break;
        }
        try {
          long _ = stay.gone.awaitNanos(Math.min(left, TimeUnit.MINUTES.toNanos(1)));
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      lock.unlock();
    }
    if (timedOut) {
      boolean forgotten = stay.parked.held();
      tell(
          List.of(stay),
          forgotten ? Tracepoint.BREAKPOINT_EXPIRED : Tracepoint.BREAKPOINT_RELEASED);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static List<Stay> freeAll(Armed one) {
    List<Stay> freed = new ArrayList<>();
    while (!one.stays.isEmpty()) {
      freed.add(free(one, one.stays.getFirst()));
    }
    return freed;
  }

  /** Takes a thread out of the list of the stopped at once, before it wakes up. Lock held. */
  private static Stay free(Armed one, Stay stay) {
    one.stays.remove(stay);
    stay.released = true;
    stay.gone.signal();
    return stay;
  }

  private void tell(List<Stay> stays, Tracepoint event) {
    for (Stay stay : stays) {
      listener.changed(event, stay.parked.subject(), stay.parked.breakpoint());
    }
  }

  /** Recomputes what is read without the lock. Lock held. */
  private void refresh() {
    long bits = 0;
    List<Breakpoint.Parked> threads = new ArrayList<>();
    for (Armed one : breakpoints.values()) {
      if (one.hits > 0 && !closed) {
        bits |= bit(one.spec.point());
      }
      for (Stay stay : one.stays) {
        threads.add(stay.parked);
      }
    }
    armed = bits;
    parked = List.copyOf(threads);
  }

  private static long bit(Tracepoint point) {
    return 1L << point.ordinal();
  }
}
