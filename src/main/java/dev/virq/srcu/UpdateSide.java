package dev.virq.srcu;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The update side of one domain: runs grace periods, one at a time, on the threads that wait for
 * them. Allocated when a domain is first waited for.
 *
 * <p>{@code gpSeq} is four times the grace periods ended, plus 1 in scan 1 and 2 in scan 2. A
 * caller takes a {@link #snapshot} of it, the <em>cookie</em>: the value at which a whole grace
 * period that begins after the call has ended. A caller that finds no driver becomes the driver
 * until its own cookie is reached; the others sleep and are woken. So callers share grace periods,
 * yet never one that began before them, and each is served within two grace periods of its arrival.
 * A driver whose time runs out leaves the grace period where it stands, and the next driver
 * continues it.
 *
 * <p>The monitor guards which thread drives, and is never held while a reader is waited for or
 * foreign code runs. Order: this monitor, then that of {@link Callbacks}.
 */
final class UpdateSide implements Callbacks.Periods {
  private final ReadSide domain;
  private final SrcuOptions options;
  private final Alarms alarms;
  private final QuietWait scan;

  /** Written by the driver only; volatile, so that its readers see what the scans saw. */
  private volatile long gpSeq;

  /** Calls under way that ask for speed. */
  @GuardedBy("this")
  private int expedited;

  @GuardedBy("this")
  private boolean driven;

  /** Calls under way. */
  @GuardedBy("this")
  private int calls;

  /** The latest cookie that was promised to be reached without a caller waiting for it. */
  @GuardedBy("this")
  private long promised;

  @GuardedBy("this")
  private @Nullable Callbacks callbacks;

  /** The open sections of a tracked domain. */
  private final @Nullable OpenSections sections;

  UpdateSide(ReadSide domain, SrcuOptions options) {
    this(domain, options, 0);
  }

  /** With another first value of gpSeq, a multiple of 4: for tests of its wrap. */
  UpdateSide(ReadSide domain, SrcuOptions options, long first) {
    this.domain = domain;
    this.options = options;
    this.sections = options.tracked() ? new OpenSections() : null;
    this.alarms = new Alarms(options.listener());
    this.scan = new QuietWait(domain, sections, alarms, options);
    this.gpSeq = first;
    this.promised = first;
  }

  /** The smallest value of gpSeq at which a whole grace period that begins after now has ended. */
  @Override
  public long snapshot() {
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

  /** Ends the sleep of the driver that waits for this rank; called once an end is counted. */
  void wake(int rank) {
    scan.wake(rank);
  }

  /**
   * Waits until the grace period of a cookie has ended, running grace periods as needed.
   *
   * @return false when the call's time ran out first
   * @throws IllegalStateException when the domain was closed
   */
  @Override
  public boolean await(long cookie, Call call) {
    boolean othersDrive = enter(call);
    try {
      if (othersDrive && call.remainingNanos() == Long.MAX_VALUE) {
        alarms.waiting(() -> needsNoDriver(cookie));
      }
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

  /** Continues what was begun or promised and has no driver, as far as possible without waiting. */
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
      call.waits.close();
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
      present = new Callbacks(domain, this, alarms, options);
      callbacks = present;
    }
    return present;
  }

  /** Counts a call in; whether another call drives now. */
  private boolean enter(Call call) {
    boolean othersDrive;
    synchronized (this) {
      domain.requireOpen();
      calls++;
      othersDrive = driven;
      if (call.expedited) {
        expedited++;
        scan.hurry(true);
      }
    }
    if (call.expedited) {
      // A driver that already sleeps for an earlier grace period must hurry as well.
      scan.wake(0);
      scan.wake(1);
    }
    return othersDrive;
  }

  /**
   * Whether a call need not wait for the one that drives: there is none, or it has ended enough.
   */
  private synchronized boolean needsNoDriver(long cookie) {
    return !driven || done(cookie);
  }

  private void leave(Call call) {
    synchronized (this) {
      calls--;
      if (call.expedited) {
        expedited--;
        scan.hurry(expedited > 0);
      }
    }
    call.waits.close();
  }

  /**
   * Waits until the cookie is reached or there is no driver.
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
      call.waits.once(() -> wait(millis));
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
        scan.begin();
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
    return scan.await(rank, (gpSeq >>> 2) + 1, call);
  }
}
