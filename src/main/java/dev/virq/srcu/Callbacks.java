package dev.virq.srcu;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.sync.Halted;
import dev.virq.sync.Uninterruptibly;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The callbacks of one domain: run in the order of {@link #call}, each once, each after a whole
 * grace period that began after it was queued.
 *
 * <p>One worker at a time, which exists while anything is queued, waits and runs with no lock held.
 * The monitor guards the queue and is taken after that of the update side.
 */
final class Callbacks {
  /** The domain's grace periods, as callbacks use them. */
  interface Periods {
    /** The cookie of the first grace period that begins after now. */
    long snapshot();

    /** Waits until the grace period of a cookie has ended, and runs it if no other thread does. */
    boolean await(long cookie, Call call);
  }

  private final ReadSide domain;
  private final Periods periods;
  private final Alarms alarms;
  private final int limit;
  private final @Nullable Executor executor;

  @GuardedBy("this")
  private final Queue<Entry> queue = new ArrayDeque<>();

  @GuardedBy("this")
  private long queued;

  @GuardedBy("this")
  private long ran;

  @GuardedBy("this")
  private long failed;

  @GuardedBy("this")
  private boolean working;

  /** The thread that runs a callback now. */
  @GuardedBy("this")
  private @Nullable Thread runner;

  private record Entry(Runnable callback, long cookie) {}

  Callbacks(ReadSide domain, Periods periods, Alarms alarms, SrcuOptions options) {
    this.domain = domain;
    this.periods = periods;
    this.alarms = alarms;
    this.limit = options.callbackLimit();
    this.executor = options.callbackExecutor();
  }

  void call(Runnable callback) {
    synchronized (this) {
      domain.requireOpen();
      if (queue.size() >= limit) {
        throw new RejectedExecutionException(limit + " SRCU callbacks are waiting");
      }
      // The cookie is taken in the same step that queues: so cookies never decrease along the
      // queue, and no grace period that is under way already can serve this callback.
      queue.add(new Entry(callback, periods.snapshot()));
      queued++;
      if (working) {
        return;
      }
      working = true;
    }
    startWorker();
  }

  private void startWorker() {
    boolean started = false;
    try {
      if (executor != null) {
        try {
          executor.execute(this::work);
          started = true;
          return;
        } catch (RejectedExecutionException e) {
          // Shut down or full: the callbacks are queued and promised, so they run elsewhere.
          started = false;
        }
      }
      Thread _ = Thread.ofVirtual().name("srcu-callbacks").start(this::work);
      started = true;
    } finally {
      if (!started) {
        // Out of memory, perhaps: what is queued stays queued, and the next call tries again.
        synchronized (this) {
          working = false;
        }
      }
    }
  }

  /** Returns when every callback queued before the call has run. */
  void barrier() {
    try (Uninterruptibly waits = new Uninterruptibly()) {
      synchronized (this) {
        domain.requireOpen();
        if (Thread.currentThread().equals(runner)) {
          throw new IllegalStateException("barrier called from a callback waits for itself");
        }
        long target = queued;
        while (ran < target) {
          waits.once(() -> wait());
        }
      }
    }
  }

  /** Runs the last check of a close, if no callback is left. */
  synchronized void close(Runnable check) {
    if (ran < queued) {
      throw new IllegalStateException(
          "SRCU domain closed with " + (queued - ran) + " callback(s) left; call barrier() first");
    }
    check.run();
  }

  synchronized long pending() {
    return queued - ran;
  }

  synchronized long failed() {
    return failed;
  }

  private void work() {
    Entry next = take(null);
    while (next != null) {
      // No lock held: S8, a slow reader delays this domain's callbacks only.
      boolean _ = periods.await(next.cookie, Call.patient());
      run(next.callback);
      next = take(next);
    }
  }

  /** The callback after one that has run, or null and the worker's end. */
  private synchronized @Nullable Entry take(@Nullable Entry over) {
    if (over != null) {
      Entry _ = queue.remove();
      ran++;
      runner = null;
      notifyAll();
    }
    Entry next = queue.peek();
    working = next != null;
    return next;
  }

  private void run(Runnable callback) {
    synchronized (this) {
      runner = Thread.currentThread();
    }
    try {
      callback.run();
    } catch (Halted over) {
      throw over;
    } catch (Throwable thrown) {
      // The failure of one callback does not affect the next: counted and reported.
      synchronized (this) {
        failed++;
      }
      alarms.callbackFailed(thrown);
    }
  }
}
