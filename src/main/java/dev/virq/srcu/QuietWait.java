package dev.virq.srcu;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * How the driver of a grace period waits until a rank is quiet: it polls for a moment, then sleeps
 * until a reader wakes it. Reports stalls and poisoning on the way.
 *
 * <p>Holds no lock. One driver at a time; the drivers follow each other through the monitor of the
 * update side.
 */
final class QuietWait {
  /** Polls before a sleep while a call is in {@link SrcuDomain#synchronizeExpedited}. */
  private static final int EXPEDITED_SPINS = 2_000;

  private final ReadSide domain;
  private final Alarms alarms;
  private final StallWatch watch;

  /** The driver asleep until rank 0, or 1, is quiet; volatile for the Dekker with {@link #wake}. */
  private volatile @Nullable Thread sleeper0;

  private volatile @Nullable Thread sleeper1;

  /** Whether a call asks for speed; volatile: set while the driver waits, by another thread. */
  private volatile boolean hurried;

  QuietWait(ReadSide domain, @Nullable OpenSections sections, Alarms alarms, SrcuOptions options) {
    this.domain = domain;
    this.alarms = alarms;
    this.watch = new StallWatch(domain, sections, alarms, options);
  }

  /** A grace period begins. */
  void begin() {
    watch.begin();
  }

  /** Says whether a call asks for speed. Under the monitor of the update side. */
  void hurry(boolean now) {
    hurried = now;
  }

  /**
   * Ends the sleep of the driver that waits for this rank. Called by readers, after they counted
   * their end.
   */
  void wake(int rank) {
    // Dekker with await(): the reader counts, then looks for a sleeper; the sleeper publishes
    // itself, then looks at the counts. One of the two sees the other. Readers of the other rank
    // leave it alone, so a steady stream of them does not keep it busy.
    Thread sleeper = rank == 0 ? sleeper0 : sleeper1;
    if (sleeper != null) {
      LockSupport.unpark(sleeper);
    }
  }

  /**
   * Waits until the rank is quiet.
   *
   * @param sequence number of the grace period
   * @return false when the call's time ran out first
   */
  boolean await(int rank, long sequence, Call call) {
    if (pollQuiet(rank, call)) {
      return true;
    }
    tellPoisoned();
    if (call.remainingNanos() == Long.MAX_VALUE) {
      alarms.waiting(() -> domain.quiet(rank));
    }
    try {
      while (true) {
        setSleeper(rank, Thread.currentThread());
        if (domain.quiet(rank)) {
          return true;
        }
        long nanos = Math.min(watch.check(sequence, rank), call.remainingNanos());
        if (nanos <= 0) {
          return false;
        }
        if (nanos == Long.MAX_VALUE) {
          LockSupport.park(domain);
        } else {
          LockSupport.parkNanos(domain, nanos);
        }
        call.waits.keep();
        if (hurried && pollQuiet(rank, call)) {
          return true;
        }
        tellPoisoned();
      }
    } finally {
      setSleeper(rank, null);
    }
  }

  private boolean pollQuiet(int rank, Call call) {
    int polls = call.spins;
    for (int poll = 0; poll < polls || (hurried && poll < EXPEDITED_SPINS); poll++) {
      if (domain.quiet(rank)) {
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
  }

  private void setSleeper(int rank, @Nullable Thread thread) {
    if (rank == 0) {
      sleeper0 = thread;
    } else {
      sleeper1 = thread;
    }
  }

  private void tellPoisoned() {
    if (domain.isPoisoned() && domain.firstToTellPoisoned()) {
      alarms.poisoned();
    }
  }
}
