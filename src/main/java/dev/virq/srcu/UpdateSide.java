package dev.virq.srcu;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The update side of one domain: runs grace periods, one at a time, on the threads that wait for
 * them. Allocated when a domain is first waited for.
 *
 * <p>{@code gpSeq} is four times the grace periods ended, plus 1 in scan 1 and 2 in scan 2. A
 * caller takes a {@link #snapshot} of it, the <em>cookie</em>: the value at which a whole grace
 * period that begins after the call has ended. Whoever finds nobody driving drives, until its own
 * cookie is reached; the others sleep and are told. So callers share grace periods, yet never one
 * that began before them, and each is served within two grace periods of its arrival. A driver
 * whose time runs out leaves the grace period where it stands, and the next one goes on with it.
 *
 * <p>The monitor guards who drives, and is never held while a reader is waited for or foreign code
 * runs. Order: this monitor, then that of {@link Callbacks}.
 */
final class UpdateSide {
  /** Polls before a scan goes to sleep: a few microseconds, for sections that just end. */
  static final int SPINS = 64;

  /** The same while somebody is in {@link SrcuDomain#synchronizeExpedited}. */
  static final int EXPEDITED_SPINS = 2_000;

  private final SrcuDomain domain;
  private final SrcuOptions options;
  private final Alarms alarms;
  private final StallWatch watch;

  /** Written by the driver only; volatile, so that whoever reads it sees what the scans saw. */
  private volatile long gpSeq;

  /** The driver asleep until rank 0, or 1, is quiet; volatile for the Dekker with {@link #wake}. */
  private volatile @Nullable Thread sleeper0;

  private volatile @Nullable Thread sleeper1;

  /** Calls that ask for speed; volatile, written under the monitor. */
  private volatile int expedited;

  @GuardedBy("this")
  private boolean driven;

  /** Calls under way. */
  @GuardedBy("this")
  private int calls;

  /** The latest cookie that was promised to be reached without anybody waiting for it. */
  @GuardedBy("this")
  private long promised;

  @GuardedBy("this")
  private @Nullable Callbacks callbacks;

  /** The open sections of a tracked domain. */
  private final @Nullable OpenSections sections;

  UpdateSide(SrcuDomain domain, SrcuOptions options) {
    this(domain, options, 0);
  }

  /** With another first value of gpSeq, a multiple of 4: for tests of its wrap. */
  UpdateSide(SrcuDomain domain, SrcuOptions options, long first) {
    this.domain = domain;
    this.options = options;
    this.sections = options.tracked() ? new OpenSections() : null;
    this.alarms = new Alarms(options.listener());
    this.watch = new StallWatch(domain, sections, alarms, options);
    this.gpSeq = first;
    this.promised = first;
  }

  /** The smallest value of gpSeq at which a whole grace period that begins after now has ended. */
  long snapshot() {
    // Idle at 4k: the next, 4k+4. Under way at 4k+1 or 4k+2: not that one, the one after, 4k+8.
    return (gpSeq + 7) & ~3L;
  }

  /** Whether the grace period of a cookie has ended. */
  boolean done(long cookie) {
    return gpSeq - cookie >= 0;
  }

  /** Grace periods ended. */
  long ended() {
    return gpSeq >>> 2;
  }

  /**
   * The open sections.
   *
   * @throws IllegalStateException when the domain is not tracked
   */
  OpenSections sections() {
    if (sections == null) {
      throw new IllegalStateException("SRCU domain is not tracked");
    }
    return sections;
  }

  Alarms alarms() {
    return alarms;
  }

  /** Ends the sleep of who waits for this rank. By readers, after they counted their end. */
  void wake(int rank) {
    // Dekker with awaitQuiet(): the reader counts, then looks for a sleeper; the sleeper publishes
    // itself, then looks at the counts. One of the two sees the other. Readers of the other rank
    // leave it alone, so a steady stream of them does not keep it busy.
    Thread sleeper = rank == 0 ? sleeper0 : sleeper1;
    if (sleeper != null) {
      LockSupport.unpark(sleeper);
    }
  }

  /**
   * Waits until the grace period of a cookie has ended, running grace periods as needed.
   *
   * @return false when the call's time ran out first
   * @throws IllegalStateException when the domain was closed
   */
  boolean await(long cookie, Call call) {
    enter(call);
    try {
      while (becomeDriver(cookie, call)) {
        try {
          drive(cookie, call);
        } finally {
          stopDriving();
        }
      }
      return done(cookie);
    } finally {
      leave(call);
    }
  }

  /** Promises that the grace period of a cookie will be run, and begins with it. */
  void promise(long cookie) {
    synchronized (this) {
      domain.requireOpen();
      if (cookie - promised > 0) {
        promised = cookie;
      }
    }
    advance();
  }

  /** Goes on with what was begun or promised and nobody drives, as far as it goes without wait. */
  void advance() {
    Call call = Call.within(0);
    long target;
    synchronized (this) {
      long begun = (gpSeq + 3) & ~3L;
      target = promised - begun > 0 ? promised : begun;
      if (driven || done(target)) {
        return;
      }
      driven = true;
    }
    try {
      drive(target, call);
    } finally {
      stopDriving();
      call.restoreInterrupt();
    }
  }

  /**
   * Runs the last check of a close under the monitor.
   *
   * @throws IllegalStateException when a call is under way, a grace period is or was promised, or a
   *     callback is left
   */
  void close(Runnable check) {
    advance();
    synchronized (this) {
      if (calls > 0 || driven || (gpSeq & 3) != 0 || promised - gpSeq > 0) {
        throw new IllegalStateException("SRCU domain closed during a grace period");
      }
      if (callbacks == null) {
        check.run();
      } else {
        callbacks.close(check);
      }
    }
  }

  /** The callbacks; created when first asked for. */
  synchronized Callbacks callbacks() {
    Callbacks present = callbacks;
    if (present == null) {
      present = new Callbacks(domain, this, options);
      callbacks = present;
    }
    return present;
  }

  private void enter(Call call) {
    synchronized (this) {
      domain.requireOpen();
      calls++;
      if (call.expedited) {
        expedited++;
      }
    }
    if (call.expedited) {
      // Who already sleeps for an earlier grace period is to hurry as well.
      wake(0);
      wake(1);
    }
  }

  private void leave(Call call) {
    synchronized (this) {
      calls--;
      if (call.expedited) {
        expedited--;
      }
    }
    call.restoreInterrupt();
  }

  /**
   * Waits until the cookie is reached or nobody drives.
   *
   * @return whether the caller is now the driver
   */
  private synchronized boolean becomeDriver(long cookie, Call call) {
    while (!done(cookie)) {
      if (!driven && !call.gaveUp) {
        driven = true;
        return true;
      }
      long millis = call.remainingMillis();
      if (millis < 0) {
        return false;
      }
      try {
        wait(millis);
      } catch (InterruptedException e) {
        call.interrupted = true;
      }
    }
    return false;
  }

  private synchronized void stopDriving() {
    driven = false;
    notifyAll();
  }

  private void drive(long cookie, Call call) {
    while (!done(cookie)) {
      if (!step(cookie, call)) {
        call.gaveUp = true;
        return;
      }
    }
  }

  /** One step of a grace period by its only driver; false when the call's time ran out. */
  private boolean step(long cookie, Call call) {
    long seq = gpSeq;
    switch ((int) seq & 3) {
      case 0 -> {
        watch.begin();
        gpSeq = seq + 1;
        // The callers' updates precede every scan.
        VarHandle.fullFence();
      }
      case 1 -> {
        if (!awaitQuiet(call)) {
          return false;
        }
        domain.flip();
        gpSeq = seq + 1;
        if (seq + 3 == cookie) {
          call.flipped.run();
        }
      }
      default -> {
        if (!awaitQuiet(call)) {
          return false;
        }
        // The callers' reclaim follows every counted end.
        VarHandle.fullFence();
        gpSeq = seq + 2;
      }
    }
    return true;
  }

  /** Scan 1 before the flip, scan 2 after it: in both, of the rank that new readers do not use. */
  private boolean awaitQuiet(Call call) {
    int rank = domain.idleRank();
    if (pollQuiet(rank, call)) {
      return true;
    }
    tellPoisoned();
    try {
      while (true) {
        setSleeper(rank, Thread.currentThread());
        if (domain.quiet(rank)) {
          return true;
        }
        long nanos = Math.min(watch.check((gpSeq >>> 2) + 1, rank), call.remainingNanos());
        if (nanos <= 0) {
          return false;
        }
        if (nanos == Long.MAX_VALUE) {
          LockSupport.park(domain);
        } else {
          LockSupport.parkNanos(domain, nanos);
        }
        call.interrupted |= Thread.interrupted();
        if (expedited > 0 && pollQuiet(rank, call)) {
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
    for (int poll = 0; poll < polls || (expedited > 0 && poll < EXPEDITED_SPINS); poll++) {
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
