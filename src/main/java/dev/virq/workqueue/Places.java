package dev.virq.workqueue;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.sync.Sleep;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The places of a queue's workers: how many run, and under which numbers. A caller that runs an
 * item has such a place, too.
 *
 * @param <P> a place
 */
abstract class Places<P extends Places.Place> {
  /** One of them: the lowest number that no other has. */
  abstract static class Place {
    private final int slot;

    /** With that number, from 0. */
    Place(int slot) {
      this.slot = slot;
    }

    /** Its number, from 1. */
    final int number() {
      return slot + 1;
    }
  }

  /** A leaf lock: nothing else is taken while it is held. */
  final ReentrantLock lock = new ReentrantLock();

  private final int maxActive;
  private final IntFunction<Executor> threads;

  @GuardedBy("lock")
  private int active;

  /** How many want items to run one after another. */
  @GuardedBy("lock")
  private int inOrder;

  /** How many want no caller to run an item. */
  @GuardedBy("lock")
  private int apart;

  /** Callers that run an item. */
  @GuardedBy("lock")
  private int callersRunning;

  /** Signalled when none does any more; null while nobody waits for it. */
  @GuardedBy("lock")
  private @Nullable Condition noCaller;

  /** Workers of those that have been started and have not looked for their first item yet. */
  @GuardedBy("lock")
  private int beginning;

  /** The workers that there have been, by their numbers. */
  @GuardedBy("lock")
  private final List<P> known = new ArrayList<>(0);

  /** The numbers of those that there are. */
  @GuardedBy("lock")
  private final BitSet taken = new BitSet(0);

  /** All are free. */
  Places(int maxActive, IntFunction<Executor> threads) {
    if (maxActive < 1) {
      throw new IllegalArgumentException("maxActive " + maxActive + " is less than 1");
    }
    this.maxActive = maxActive;
    this.threads = threads;
  }

  /** A new place with that number, from 0. */
  abstract P place(int slot, Executor thread);

  /** Items that wait. */
  @GuardedBy("lock")
  abstract int waiting();

  /**
   * Does something while no caller runs an item of this queue: those that do are waited for. The
   * calling thread holds no lock that an item takes.
   *
   * @param step must not ask for work here
   */
  public <R> R withoutCallers(Supplier<R> step) {
    try (Sleep sleep = new Sleep()) {
      lock.lock();
      try {
        apart++;
        while (callersRunning > 0) {
          if (noCaller == null) {
            noCaller = lock.newCondition();
          }
          // With the lock held, because it is a leaf below which a place's own lock is.
          sleep.begin();
          noCaller.awaitUninterruptibly();
        }
      } finally {
        lock.unlock();
      }
    }
    try {
      return step.get();
    } finally {
      lock.lock();
      try {
        apart--;
      } finally {
        lock.unlock();
      }
    }
  }

  /** Whether somebody wants no caller to run an item. */
  @GuardedBy("lock")
  final boolean callersApart() {
    return apart > 0;
  }

  /** A caller, which has a place, runs an item. */
  @GuardedBy("lock")
  final void callerBegins() {
    callersRunning++;
  }

  /** It does not any more. */
  @GuardedBy("lock")
  final void callerEnds() {
    callersRunning--;
    if (callersRunning == 0 && noCaller != null) {
      noCaller.signalAll();
      noCaller = null;
    }
  }

  /** One more wants items to run one after another, or one less. */
  @GuardedBy("lock")
  final void setInOrder(boolean wanted) {
    if (!wanted && inOrder == 0) {
      throw new IllegalStateException("items run at once already");
    }
    inOrder += wanted ? 1 : -1;
  }

  @GuardedBy("lock")
  private int mostActive() {
    return inOrder > 0 ? 1 : maxActive;
  }

  /** Whether one more may run. */
  @GuardedBy("lock")
  final boolean hasPlace() {
    return active < mostActive();
  }

  /** Whether more run than may: the next to finish ends. */
  @GuardedBy("lock")
  final boolean areTooMany() {
    return active > mostActive();
  }

  /** One that runs sleeps. */
  @GuardedBy("lock")
  final void sleeps() {
    active--;
  }

  /** It runs again. For a moment there may be more than may run. */
  @GuardedBy("lock")
  final void wakes() {
    active++;
  }

  /** A worker that was started looks for its first item, or could not be started. */
  @GuardedBy("lock")
  final void begins() {
    beginning--;
  }

  /**
   * The place of one more worker, which is to be started; null when no more may run, or when those
   * that begin are enough for the items that wait.
   */
  @GuardedBy("lock")
  final @Nullable P claimPlace() {
    if (!hasPlace() || waiting() <= beginning) {
      return null;
    }
    beginning++;
    return takePlace();
  }

  /** The place of the lowest number that is free. */
  @GuardedBy("lock")
  final P takePlace() {
    int slot = taken.nextClearBit(0);
    if (slot == known.size()) {
      known.add(place(slot, threads.apply(slot + 1)));
    }
    taken.set(slot);
    active++;
    return known.get(slot);
  }

  /** A place is free again. */
  @GuardedBy("lock")
  final void giveUp(P place) {
    active--;
    Place free = place;
    taken.clear(free.slot);
  }
}
