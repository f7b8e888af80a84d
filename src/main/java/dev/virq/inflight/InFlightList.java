package dev.virq.inflight;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.ErrnoException;
import dev.virq.limits.Waiters;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Exact waiting: what is in flight, in order, and the threads that wait for it.
 *
 * <p>Work is registered before it can end and taken out when it has ended, so "nothing in flight up
 * to here" is a fact and not a guess after a while. The lock is a leaf, held for linking and
 * looking only.
 */
public final class InFlightList {
  /** How a wait ended. */
  public enum Verdict {
    /** The condition became true. */
    MET,
    /** It cannot become so before a held thread is let go. */
    HELD,
    /** Time is up. */
    TIMED_OUT
  }

  /** How many of the pending are listed in an answer. */
  private static final int LISTED = 20;

  private final Supplier<List<Breakpoint.Parked>> parked;
  private final LongSupplier seq;
  private final LongSupplier clockMillis;
  private final Waiters waiters;
  private final Changes changes = new Changes();

  @GuardedBy("changes.lock")
  private @Nullable InFlight head;

  @GuardedBy("changes.lock")
  private @Nullable InFlight tail;

  /**
   * Nothing in flight.
   *
   * @param parked the threads that breakpoints stop; takes no lock
   * @param seq number of the newest event
   * @param clockMillis time of day in milliseconds since 1970 UTC
   * @param waiters bounds the calls that wait
   */
  public InFlightList(
      Supplier<List<Breakpoint.Parked>> parked,
      LongSupplier seq,
      LongSupplier clockMillis,
      Waiters waiters) {
    this.parked = parked;
    this.seq = seq;
    this.clockMillis = clockMillis;
    this.waiters = waiters;
  }

  /** Registers work; its number is the newest event's. */
  public void begin(InFlight work) {
    changes.lock.lock();
    try {
      link(work, seq.getAsLong());
    } finally {
      changes.lock.unlock();
    }
  }

  /**
   * Registers work whose event comes next; its number is that of the event, or an earlier one.
   *
   * @param numbering runs under the lock, so that what it numbers has the order of the list
   */
  void beginBeforeItsEvent(InFlight work, Runnable numbering) {
    changes.lock.lock();
    try {
      link(work, seq.getAsLong() + 1);
      numbering.run();
    } finally {
      changes.lock.unlock();
    }
  }

  @GuardedBy("changes.lock")
  private void link(InFlight work, long number) {
    work.seq = number;
    work.previous = tail;
    if (tail == null) {
      head = work;
    } else {
      tail.next = work;
    }
    tail = work;
  }

  /** The work is over, with all it had to drop dropped. */
  public void end(InFlight work) {
    changes.lock.lock();
    try {
      if (work.over) {
        throw new IllegalStateException(work.describe() + " ended twice");
      }
      work.over = true;
      InFlight before = work.previous;
      InFlight after = work.next;
      if (before == null) {
        head = after;
      } else {
        before.next = after;
      }
      if (after == null) {
        tail = before;
      } else {
        after.previous = before;
      }
      work.previous = null;
      work.next = null;
      changes.tellLocked();
    } finally {
      changes.lock.unlock();
    }
  }

  /** Something that may be waited for has changed; no lock needed by the caller. */
  public void changed() {
    changes.tell();
  }

  /** An object is gone, which may be waited for; no lock needed by the caller. */
  public void objectGone() {
    changes.tellGone();
  }

  /** Ends every wait, now and later, with that refusal. */
  public void cancel(ErrnoException refusal) {
    changes.cancel(refusal);
  }

  /** What is in flight up to that number, oldest first, the first few. */
  List<InFlight.Pending> pending(long upTo) {
    changes.lock.lock();
    try {
      List<InFlight.Pending> list = new ArrayList<>();
      for (InFlight work = head;
          work != null && work.seq <= upTo && list.size() < LISTED;
          work = work.next) {
        list.add(work.describe());
      }
      return List.copyOf(list);
    } finally {
      changes.lock.unlock();
    }
  }

  /** Waits until all that was accepted up to that number is over. */
  Verdict awaitSettled(long upTo, long timeoutNanos) {
    return await(
        () -> {
          if (clear(upTo)) {
            return Verdict.MET;
          }
          return allHeld(upTo) ? Verdict.HELD : null;
        },
        timeoutNanos);
  }

  /** Waits until one piece of work is over. */
  Verdict awaitOver(InFlight work, long timeoutNanos) {
    return await(
        () -> {
          if (work.over) {
            return Verdict.MET;
          }
          return held(work) ? Verdict.HELD : null;
        },
        timeoutNanos);
  }

  /** Waits until everything in flight is held at a breakpoint, or nothing is in flight. */
  Verdict awaitParked(long timeoutNanos) {
    return await(() -> allHeld(Long.MAX_VALUE) ? Verdict.MET : null, timeoutNanos);
  }

  /**
   * Waits until nothing is in flight; not ended by {@link #cancel}: for the thread that tears down.
   */
  @SuppressWarnings("GuardedBy") // a check: made by loop(), with the lock held
  public Verdict awaitQuiet(long timeoutNanos) {
    return loop(() -> head == null ? Verdict.MET : null, false, timeoutNanos);
  }

  /** Waits until all objects are gone; not ended by {@link #cancel} either. */
  public boolean awaitEmpty(BooleanSupplier empty, long timeoutNanos) {
    return loop(() -> empty.getAsBoolean() ? Verdict.MET : null, true, timeoutNanos) == Verdict.MET;
  }

  /**
   * Waits until a check has a verdict. It is made at once and after every change, with the lock
   * held: it must not block.
   *
   * @throws ErrnoException EMFILE when too many wait; what {@link #cancel} was given
   */
  Verdict await(Supplier<@Nullable Verdict> check, long timeoutNanos) {
    return await(check, false, timeoutNanos);
  }

  /** As {@link #await}, for a check of whether objects are gone. */
  Verdict awaitGone(Supplier<@Nullable Verdict> check, long timeoutNanos) {
    return await(check, true, timeoutNanos);
  }

  private Verdict await(Supplier<@Nullable Verdict> check, boolean objects, long timeoutNanos) {
    // What is over in a moment counts as no wait: others that wait must not refuse it.
    long moment = Math.min(timeoutNanos, Changes.LOOK_OUT_NANOS);
    Verdict soon = changes.await(check, objects, moment, moment, true);
    if (soon != null || timeoutNanos <= moment) {
      return soon == null ? Verdict.TIMED_OUT : soon;
    }
    try (Waiters.Waiter _ = waiters.enter()) {
      Verdict verdict = changes.await(check, objects, timeoutNanos - moment, 0, true);
      return verdict == null ? Verdict.TIMED_OUT : verdict;
    }
  }

  /** For the thread that tears down: neither counted nor canceled. */
  private Verdict loop(Supplier<@Nullable Verdict> check, boolean objects, long timeoutNanos) {
    Verdict verdict = changes.await(check, objects, timeoutNanos, Changes.LOOK_OUT_NANOS, false);
    return verdict == null ? Verdict.TIMED_OUT : verdict;
  }

  /** Time of day in milliseconds since 1970 UTC. */
  long nowMillis() {
    return clockMillis.getAsLong();
  }

  @SuppressWarnings("GuardedBy") // a check: made by loop(), with the lock held
  private boolean clear(long upTo) {
    InFlight oldest = head;
    return oldest == null || oldest.seq > upTo;
  }

  /** Whether all that is in flight up to that number cannot end before a held thread is let go. */
  @SuppressWarnings("GuardedBy") // a check: made by loop(), with the lock held
  private boolean allHeld(long upTo) {
    for (InFlight work = head; work != null && work.seq <= upTo; work = work.next) {
      if (!held(work)) {
        return false;
      }
    }
    return true;
  }

  /** Whether something is in flight and all of it is held. For checks made by {@link #await}. */
  @SuppressWarnings("GuardedBy") // a check: made by loop(), with the lock held
  boolean allHeld() {
    return head != null && allHeld(Long.MAX_VALUE);
  }

  private boolean held(InFlight work) {
    for (Breakpoint.Parked thread : parked.get()) {
      if (thread.held() && work.behind(thread)) {
        return true;
      }
    }
    return false;
  }

  /** The held threads that one piece of work is behind; takes no lock. */
  List<Breakpoint.Parked> holders(InFlight work) {
    return parked.get().stream()
        .filter(thread -> thread.held() && work.behind(thread))
        .limit(LISTED)
        .toList();
  }

  /** The held threads that work up to that number is behind. */
  List<Breakpoint.Parked> holders(long upTo) {
    changes.lock.lock();
    try {
      List<Breakpoint.Parked> holders = new ArrayList<>();
      for (Breakpoint.Parked thread : parked.get()) {
        for (InFlight work = head;
            thread.held() && work != null && work.seq <= upTo;
            work = work.next) {
          if (work.behind(thread)) {
            holders.add(thread);
            break;
          }
        }
        if (holders.size() == LISTED) {
          break;
        }
      }
      return List.copyOf(holders);
    } finally {
      changes.lock.unlock();
    }
  }
}
