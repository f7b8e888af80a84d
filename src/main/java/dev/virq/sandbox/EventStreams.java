package dev.virq.sandbox;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.limits.Quota;
import dev.virq.limits.Waiters;
import dev.virq.sync.Sleep;
import dev.virq.sync.Uninterruptibly;
import dev.virq.trace.TraceBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The event streams of one sandbox that are open, and the bound on them. Any thread.
 *
 * <p>That a client has gone shows only when it is written to, and then not at once. So a stream
 * that finds no place waits a moment, in which all streams give a sign of life again and again.
 */
public final class EventStreams {
  /** How long a stream waits for a place. Some signs of life, and their way to the client. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final Quota open;

  /** As many may wait for a place as there are places. */
  private final Quota wanting;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition released = lock.newCondition();
  private final Total total;
  private final TraceBuffer log;
  private final SharedPieces pieces = new SharedPieces();

  EventStreams(int limit, Total total, TraceBuffer log) {
    this.open = new Quota("event streams", limit, Errno.EMFILE, total.open);
    this.wanting = new Quota("event streams that wait", limit, Errno.EMFILE, null);
    this.total = total;
    this.log = log;
  }

  /** What the streams of all sandboxes have in common. */
  static final class Total {
    /** Counts only: the bound on all of them is that on the calls that wait. */
    private final Quota open =
        new Quota("event streams in all sandboxes", Long.MAX_VALUE, Errno.ENFILE, null);

    private final AtomicLong gaps = new AtomicLong();

    /** How many are open. */
    long open() {
      return open.used();
    }

    /** How many gaps their readers were told of. */
    long gaps() {
      return gaps.get();
    }
  }

  /** An open stream; closed by whoever opened it, once. */
  public final class EventStream implements AutoCloseable {
    private final Waiters.Waiter waiter;
    private final boolean detail;

    private EventStream(Waiters.Waiter waiter, boolean detail) {
      this.waiter = waiter;
      this.detail = detail;
      if (detail) {
        log.watch();
      }
    }

    /** Its reader was told that events are gone. */
    public void gap() {
      total.gaps.incrementAndGet();
    }

    @Override
    public void close() {
      if (detail) {
        log.unwatch();
      }
      waiter.close();
      open.release();
      pieces.sharedBy(open.used());
      tellReleased();
    }
  }

  /** What its streams share. */
  public SharedPieces pieces() {
    return pieces;
  }

  /** Whether somebody waits for a place: every stream then gives signs of life quickly. */
  public boolean isPlaceWanted() {
    return wanting.used() > 0;
  }

  /**
   * One more stream. It is a call that waits, and bounded as such, too. Waits a moment when there
   * is no place: those of clients that have gone become free then. No lock may be held.
   *
   * @param waiters of the sandbox
   * @param detail whether the log is to record everything meanwhile
   * @throws ErrnoException EMFILE when this sandbox has too many, ENFILE when all have
   */
  public EventStream open(Waiters waiters, boolean detail) {
    try {
      return openAtOnce(waiters, detail);
    } catch (ErrnoException full) {
      if (!wanting.tryAcquire(1)) {
        throw full;
      }
    }
    try {
      log.wake();
      return openSoon(waiters, detail);
    } finally {
      wanting.release();
    }
  }

  private EventStream openSoon(Waiters waiters, boolean detail) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try (Uninterruptibly waits = new Uninterruptibly();
        Sleep sleep = new Sleep(Sleep.After.IN_TURN)) {
      lock.lock();
      try {
        while (true) {
          try {
            return openAtOnce(waiters, detail);
          } catch (ErrnoException full) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
              throw full;
            }
            sleep.begin();
            waits.once(() -> released.awaitNanos(left));
          }
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private void tellReleased() {
    lock.lock();
    try {
      released.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private EventStream openAtOnce(Waiters waiters, boolean detail) {
    open.acquire();
    boolean opened = false;
    try {
      EventStream stream = new EventStream(waiters.enter(), detail);
      opened = true;
      pieces.sharedBy(open.used());
      return stream;
    } finally {
      if (!opened) {
        open.release();
      }
    }
  }
}
