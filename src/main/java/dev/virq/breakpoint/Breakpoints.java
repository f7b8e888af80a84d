package dev.virq.breakpoint;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.errno.ErrnoException;
import dev.virq.limits.Budget;
import dev.virq.limits.Totals;
import dev.virq.sync.Uninterruptibly;
import dev.virq.trace.Detail;
import dev.virq.trace.Probe;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A probe that stops threads at stoppable tracepoints until they are released.
 *
 * <p>Every stay ends: by release, removal, {@link #disarm}, or its time limit. A tracepoint where
 * no breakpoint is set costs one volatile read. Control calls hold the lock only for bookkeeping,
 * never while a thread is stopped.
 *
 * <p>A breakpoint and the threads that it may stop are charged when it is set, and given back one
 * by one as they go.
 */
public final class Breakpoints implements Probe {

  /** Notified of every change, outside the lock, on the thread that caused it. */
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

  private final Consumer<Runnable> sleeping;
  private final LongSupplier clockMillis;
  private final Listener listener;
  private final Runnable onAny;
  private final ParkingLot lot;

  /** Used under the lot's lock, but for {@link #takeOver}. */
  private final Account account;

  @GuardedBy("lot.lock")
  private final Map<Long, Armed> breakpoints = new LinkedHashMap<>();

  @GuardedBy("lot.lock")
  private long lastId;

  @GuardedBy("lot.lock")
  private boolean closed;

  /** One bit a tracepoint that has a breakpoint. Volatile: read by every thread that passes. */
  private volatile long armed;

  /** Whether there is one, armed or not. Volatile: written under the lock, read by any thread. */
  private volatile boolean some;

  /**
   * No breakpoints yet.
   *
   * @param sleeping runs a wait, so that a worker's place can be given to another meanwhile
   * @param clockMillis time of day in milliseconds since 1970 UTC
   * @param budget the sandbox's
   * @param totals of all sandboxes
   * @param listener notified of every change
   * @param onAny told when {@link #isAny} has changed; under the lock, so it must not block
   */
  public Breakpoints(
      Consumer<Runnable> sleeping,
      LongSupplier clockMillis,
      Budget budget,
      Totals totals,
      Listener listener,
      Runnable onAny) {
    this.lot = new ParkingLot(totals.parked());
    this.account = new Account(budget, totals.breakpoints());
    this.sleeping = sleeping;
    this.clockMillis = clockMillis;
    this.listener = listener;
    this.onAny = onAny;
  }

  /**
   * Arms a breakpoint.
   *
   * @throws IllegalArgumentException when threads cannot be stopped at the point
   * @throws ErrnoException EMFILE, ENFILE when there is no memory for it and its threads
   */
  public Breakpoint set(Breakpoint.Spec spec) {
    if (!spec.point().stoppable()) {
      throw new IllegalArgumentException(spec.point() + " is not stoppable");
    }
    lot.lock.lock();
    try {
      account.acquire(spec.hits());
      return arm(spec);
    } finally {
      lot.lock.unlock();
    }
  }

  @CanIgnoreReturnValue
  @GuardedBy("lot.lock")
  private Breakpoint arm(Breakpoint.Spec spec) {
    Armed one = new Armed(++lastId, spec);
    breakpoints.put(one.id, one);
    account.count(breakpoints.size());
    refresh();
    return snapshot(one);
  }

  /**
   * Arms what another arms, and takes over its bytes: nothing is charged there any more. To be
   * called before any thread uses this.
   *
   * @throws ErrnoException EMFILE, ENFILE when hits that were used up there do not fit again;
   *     nothing is changed then
   */
  public void takeOver(Breakpoints other) {
    List<Breakpoint.Spec> specs = other.handOver(account);
    lot.lock.lock();
    try {
      specs.forEach(this::arm);
    } finally {
      lot.lock.unlock();
    }
  }

  /** What is to be armed elsewhere, paid for: nothing is charged here any more. */
  private List<Breakpoint.Spec> handOver(Account next) {
    lot.lock.lock();
    try {
      List<Breakpoint.Spec> specs = breakpoints.values().stream().map(armed -> armed.spec).toList();
      long hits = specs.stream().mapToLong(Breakpoint.Spec::hits).sum();
      account.moveTo(next, specs.size(), hits);
      return specs;
    } finally {
      lot.lock.unlock();
    }
  }

  /** All breakpoints, oldest first. */
  public List<Breakpoint> list() {
    lot.lock.lock();
    try {
      List<Breakpoint> all = new ArrayList<>();
      for (Armed one : breakpoints.values()) {
        all.add(snapshot(one));
      }
      return List.copyOf(all);
    } finally {
      lot.lock.unlock();
    }
  }

  /** The number of the next one. */
  public long next() {
    lot.lock.lock();
    try {
      return lastId + 1;
    } finally {
      lot.lock.unlock();
    }
  }

  /** The next one gets that number; there was none here yet. */
  public void startAt(long next) {
    lot.lock.lock();
    try {
      lastId = next - 1;
    } finally {
      lot.lock.unlock();
    }
  }

  /** The breakpoint of that number, or null. */
  public @Nullable Breakpoint find(long id) {
    lot.lock.lock();
    try {
      Armed one = breakpoints.get(id);
      return one == null ? null : snapshot(one);
    } finally {
      lot.lock.unlock();
    }
  }

  /** Threads that the breakpoints may still stop or stop now, to bound them. */
  public long capacity() {
    lot.lock.lock();
    try {
      return threads();
    } finally {
      lot.lock.unlock();
    }
  }

  @GuardedBy("lot.lock")
  private long threads() {
    long sum = 0;
    for (Armed one : breakpoints.values()) {
      sum += one.hits + lot.of(one.id).size();
    }
    return sum;
  }

  /** Gives back what is not needed any more. */
  @GuardedBy("lot.lock")
  private void giveBack() {
    account.keep(breakpoints.size(), threads());
  }

  /** Every stopped thread; takes no lock. */
  public List<Breakpoint.Parked> parked() {
    return lot.parked();
  }

  /**
   * Lets threads go, longest stopped first. The breakpoint stays armed if it has hits left.
   *
   * @param id number of the breakpoint
   * @param threads how many at most
   * @return the breakpoint afterwards, or null when there is none of that number
   */
  public @Nullable Breakpoint release(long id, int threads) {
    List<ParkingLot.Stay> freed;
    Breakpoint after;
    lot.lock.lock();
    try {
      Armed one = breakpoints.get(id);
      if (one == null) {
        return null;
      }
      freed = lot.free(id, threads);
      giveBack();
      after = snapshot(one);
    } finally {
      lot.lock.unlock();
    }
    letGo(freed);
    return after;
  }

  /**
   * Removes a breakpoint and lets its threads go.
   *
   * @return the breakpoint as it was before, or null when there is none of that number
   */
  public @Nullable Breakpoint remove(long id) {
    List<ParkingLot.Stay> freed;
    Breakpoint before;
    lot.lock.lock();
    try {
      Armed one = breakpoints.remove(id);
      if (one == null) {
        return null;
      }
      account.count(breakpoints.size());
      before = snapshot(one);
      freed = lot.free(id, Integer.MAX_VALUE);
      giveBack();
      refresh();
    } finally {
      lot.lock.unlock();
    }
    letGo(freed);
    return before;
  }

  /** Releases every thread and disarms every breakpoint; they stay listed. */
  public void disarm() {
    List<ParkingLot.Stay> freed = new ArrayList<>();
    lot.lock.lock();
    try {
      for (Armed one : breakpoints.values()) {
        one.hits = 0;
        freed.addAll(lot.free(one.id, Integer.MAX_VALUE));
      }
      giveBack();
      refresh();
    } finally {
      lot.lock.unlock();
    }
    letGo(freed);
  }

  /** As {@link #disarm}, for good: no thread is stopped any more. */
  public void close() {
    lot.lock.lock();
    try {
      closed = true;
    } finally {
      lot.lock.unlock();
    }
    disarm();
  }

  /** The host is gone: gives back everything. */
  public void end() {
    lot.lock.lock();
    try {
      account.end();
    } finally {
      lot.lock.unlock();
    }
  }

  /** Whether there is one, armed or not: somebody looks. Takes no lock. */
  public boolean isAny() {
    return some;
  }

  @Override
  public boolean observes(Tracepoint point) {
    return point.stoppable();
  }

  /** There is nothing to stop at while there is no breakpoint, and {@code onAny} tells of one. */
  @Override
  public boolean observesForWatchers(Tracepoint point) {
    return true;
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, Detail detail) {
    if ((armed & bit(point)) == 0) {
      return;
    }
    ParkingLot.Stay stay;
    Armed one;
    lot.lock.lock();
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
      stay = lot.enter(thread);
      refresh();
    } finally {
      lot.lock.unlock();
    }
    listener.changed(Tracepoint.BREAKPOINT_PARKED, subject, one.id);
    sleeping.accept(() -> stop(one, stay));
  }

  /** The first breakpoint that wants this thread, with that hit used up. */
  @GuardedBy("lot.lock")
  private @Nullable Armed claim(Tracepoint point, Subject subject) {
    if (closed) {
      return null;
    }
    for (Armed one : breakpoints.values()) {
      if (one.claims(point, subject)) {
        return one;
      }
    }
    return null;
  }

  /** Keeps the calling thread until it is released or its time is up. */
  private void stop(Armed one, ParkingLot.Stay stay) {
    boolean held = stay.parked().held();
    long deadline = System.nanoTime() + (held ? one.spec.maxHoldNanos() : one.spec.delayNanos());
    try (Uninterruptibly waits = new Uninterruptibly()) {
      boolean released;
      lot.lock.lock();
      try {
        released = lot.await(stay, deadline, waits);
        if (!released) {
          one.expired |= held;
          giveBack();
        }
      } finally {
        lot.lock.unlock();
      }
      if (!released) {
        tell(stay, held ? Tracepoint.BREAKPOINT_EXPIRED : Tracepoint.BREAKPOINT_RELEASED);
      }
    }
  }

  /** Tells first: else a thread's next steps could be told of before its release. */
  private void letGo(List<ParkingLot.Stay> freed) {
    try {
      freed.forEach(stay -> tell(stay, Tracepoint.BREAKPOINT_RELEASED));
    } finally {
      lot.lock.lock();
      try {
        lot.wake(freed);
      } finally {
        lot.lock.unlock();
      }
    }
  }

  private void tell(ParkingLot.Stay stay, Tracepoint event) {
    listener.changed(event, stay.parked().subject(), stay.parked().breakpoint());
  }

  @GuardedBy("lot.lock")
  private Breakpoint snapshot(Armed one) {
    return one.snapshot(lot.of(one.id));
  }

  /** Recomputes what is read without the lock. */
  @GuardedBy("lot.lock")
  private void refresh() {
    boolean before = some;
    some = !breakpoints.isEmpty() && !closed;
    if (some != before) {
      onAny.run();
    }
    long bits = 0;
    for (Armed one : breakpoints.values()) {
      if (one.hits > 0 && !closed) {
        bits |= bit(one.spec.point());
      }
    }
    armed = bits;
  }

  private static long bit(Tracepoint point) {
    return 1L << point.ordinal();
  }
}
