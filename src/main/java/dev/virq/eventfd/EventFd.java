package dev.virq.eventfd;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.sync.ControlledWait;
import dev.virq.sync.Sleep;
import dev.virq.sync.Uninterruptibly;
import dev.virq.trace.Detail;
import dev.virq.trace.Outcome;
import dev.virq.trace.Probe;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A 64-bit counter with a wait queue: {@code struct eventfd_ctx}.
 *
 * <p>Any thread. The wait-queue lock is this object's monitor: a leaf except for what {@link
 * WaitQueueEntry#wake} documents. Counters are unsigned. While an entry is hooked it is the only
 * waiter that writes wake, and every write feeds the counter to it.
 */
public final class EventFd implements Subject {
  /** The largest value that writing can reach: 2^64-2. */
  public static final long MAX = -2L;

  /**
   * Readiness as poll(2) reports it.
   *
   * @param in counter is not 0
   * @param out at least 1 can be written
   * @param err the counter has overflowed
   */
  public record Readiness(boolean in, boolean out, boolean err) {}

  /**
   * Counters at one moment; written = value + drained + read - initial, modulo 2^64.
   *
   * @param value the counter
   * @param written sum of all accepted writes
   * @param drained sum of what wake-ups and unhooking consumed
   * @param read sum of what reads returned
   */
  public record Counters(long value, long written, long drained, long read) {}

  private final long id;
  private final boolean semaphore;
  private final Probe probe;

  @GuardedBy("this")
  private long count;

  @GuardedBy("this")
  private long written;

  @GuardedBy("this")
  private long drained;

  @GuardedBy("this")
  private long read;

  @GuardedBy("this")
  private int readers;

  @GuardedBy("this")
  private boolean canceled;

  @GuardedBy("this")
  private boolean closed;

  @GuardedBy("this")
  private @Nullable WaitQueueEntry entry;

  /**
   * A new eventfd.
   *
   * @param id its number in the sandbox, for observers
   * @param initval first counter value, 32 bits as eventfd(2) takes them
   * @param semaphore whether reads take 1 instead of all
   * @param probe sees every signal, with the wait-queue lock held
   */
  public EventFd(long id, long initval, boolean semaphore, Probe probe) {
    this.id = id;
    this.count = initval;
    this.semaphore = semaphore;
    this.probe = probe;
  }

  @Override
  public long eventfdId() {
    return id;
  }

  /** Whether it was created with EFD_SEMAPHORE. */
  public boolean isSemaphore() {
    return semaphore;
  }

  /**
   * Adds to the counter and wakes the waiters, also for 0. Never blocks. When it returns, the
   * hooked entry has been woken.
   *
   * @param value what to add, unsigned
   * @param signal notified of what becomes of it
   * @throws ErrnoException EINVAL for 2^64-1, EAGAIN when the counter would pass 2^64-2 or has
   *     overflowed; the signal is not notified then
   */
  public void write(long value, Signal signal) {
    if (value == -1L) {
      throw new ErrnoException(
          Errno.EINVAL, "18446744073709551615 cannot be written to an eventfd");
    }
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("eventfd " + id + " written after its release");
      }
      // A counter that has overflowed takes nothing, not even 0, until it is read.
      if (count == -1L || Long.compareUnsigned(value, MAX - count) > 0) {
        throw new ErrnoException(
            Errno.EAGAIN,
            "counter "
                + Long.toUnsignedString(count)
                + " plus "
                + Long.toUnsignedString(value)
                + " is more than 18446744073709551614",
            Map.of("counter", Long.toUnsignedString(count)));
      }
      count += value;
      written += value;
      wakeUp(signal);
    }
  }

  /**
   * Adds 1 from the kernel's side: {@code eventfd_signal}. Unlike a write it is never refused: a
   * full counter overflows to 2^64-1 and stays there, and after the release nothing happens at all.
   *
   * @param signal notified of what becomes of it, unless the eventfd was released
   */
  public synchronized void signal(Signal signal) {
    if (closed) {
      return;
    }
    if (count != -1L) {
      count++;
      written++;
    }
    wakeUp(signal);
  }

  @GuardedBy("this")
  private void wakeUp(Signal signal) {
    WaitQueueEntry hooked = entry;
    if (hooked != null) {
      consume();
    }
    accept(signal, hooked);
    if (hooked != null) {
      hooked.wake(PollEvent.POLLIN, signal);
    } else {
      signal.finish(probe, Outcome.NOT_BOUND, 0, 0);
      signal.over();
      if (readers > 0) {
        notifyAll();
      }
    }
  }

  /**
   * Takes from the counter: all of it, or 1 from a semaphore. Never blocks.
   *
   * @return what was taken, unsigned
   * @throws ErrnoException EAGAIN when the counter is 0
   */
  public synchronized long read() {
    if (count == 0) {
      throw new ErrnoException(Errno.EAGAIN, "the counter is 0");
    }
    long taken = take();
    read += taken;
    return taken;
  }

  /**
   * As {@link #read()}, but waits for a write when the counter is 0.
   *
   * @param timeoutNanos how long to wait at most, in nanoseconds
   * @throws ErrnoException ETIMEDOUT when the counter stayed 0, ECANCELED after {@link #cancel}
   */
  public long read(long timeoutNanos) {
    long deadline = System.nanoTime() + timeoutNanos;
    ControlledWait.before(this::endsRead);
    try (Uninterruptibly waits = new Uninterruptibly();
        Sleep sleep = new Sleep(Sleep.After.IN_TURN)) {
      if (!endsRead()) {
        sleep.begin();
      }
      synchronized (this) {
        readers++;
        try {
          while (count == 0) {
            if (canceled) {
              throw new ErrnoException(Errno.ECANCELED, "efd-" + id + " was reset during the read");
            }
            long left = deadline - System.nanoTime();
            if (left <= 0) {
              throw new ErrnoException(
                  Errno.ETIMEDOUT, "the counter stayed 0 for the whole timeout");
            }
            waits.once(() -> TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, 1_000_000)));
          }
          return read();
        } finally {
          readers--;
        }
      }
    }
  }

  /** Announces a read that will sleep; {@link #leaveRead} follows it. */
  public synchronized void enterRead() {
    readers++;
  }

  /** Such a read is over. */
  public synchronized void leaveRead() {
    readers--;
  }

  /** Whether a read sleeps, or is about to. */
  public synchronized boolean hasReaders() {
    return readers > 0;
  }

  private synchronized boolean endsRead() {
    return count != 0 || canceled;
  }

  /** Ends all blocked reads, now and later: each holds a reference that has to go. */
  public synchronized void cancel() {
    canceled = true;
    notifyAll();
  }

  /** Readiness now. */
  public synchronized Readiness poll() {
    return new Readiness(count != 0, Long.compareUnsigned(count, MAX) < 0, count == -1L);
  }

  /** The counters at one moment. */
  public synchronized Counters counters() {
    return new Counters(count, written, drained, read);
  }

  /** As {@link #hook(WaitQueueEntry, Signal, SecondWaiter)}, and a second waiter is refused. */
  public void hook(WaitQueueEntry waiter, Signal pending) {
    hook(waiter, pending, SecondWaiter.REFUSED);
  }

  /**
   * Becomes what another was, whether or not it is hooked: nothing is woken.
   *
   * @param counters at the time
   */
  public synchronized void become(Counters counters) {
    count = counters.value();
    written = counters.written();
    drained = counters.drained();
    read = counters.read();
  }

  /**
   * Hooks the one waiter: {@code add_wait_queue_priority_exclusive}. A counter that is not 0 wakes
   * it once, at once, and keeps its value.
   *
   * @param waiter what to wake from now on
   * @param pending the signal that stands for what was written before
   * @param second what becomes of it when another is hooked
   * @throws ErrnoException EBUSY when another is hooked, EBADF after the release; nothing is
   *     changed
   */
  public synchronized void hook(WaitQueueEntry waiter, Signal pending, SecondWaiter second) {
    int events = hookOnly(waiter, second);
    if ((events & PollEvent.POLLIN) != 0) {
      accept(pending, waiter);
      waiter.wake(events, pending);
    }
  }

  /**
   * As {@link #hook(WaitQueueEntry, Signal, SecondWaiter)}, but wakes nobody.
   *
   * @return what is ready, as bits of {@link PollEvent}: {@code vfs_poll}
   */
  public synchronized int hookOnly(WaitQueueEntry waiter, SecondWaiter second) {
    if (closed) {
      throw new ErrnoException(Errno.EBADF, "eventfd efd-" + id + " is closed");
    }
    WaitQueueEntry bound = entry;
    WaitQueueEntry hooked = bound == null ? waiter : second.beside(id, bound, waiter);
    // It may fail, and what failed is not hooked. No other thread sees the order: the lock is held.
    waiter.hooked();
    entry = hooked;
    Readiness ready = poll();
    return (ready.in() ? PollEvent.POLLIN : 0)
        | (ready.out() ? PollEvent.POLLOUT : 0)
        | (ready.err() ? PollEvent.POLLERR : 0);
  }

  /**
   * Unhooks a waiter and consumes the counter once, in one step: {@code
   * eventfd_ctx_remove_wait_queue}. When it returns, the waiter is not woken any more.
   *
   * @return whether that waiter was hooked; nothing is consumed otherwise
   */
  public synchronized boolean unhook(WaitQueueEntry waiter) {
    if (!unhookOnly(waiter)) {
      return false;
    }
    consume();
    return true;
  }

  /**
   * As {@link #unhook}, but leaves the counter as it is: {@code remove_wait_queue}.
   *
   * @return whether that waiter was hooked
   */
  public synchronized boolean unhookOnly(WaitQueueEntry waiter) {
    WaitQueueEntry bound = entry;
    if (bound == null || !bound.includes(waiter)) {
      return false;
    }
    entry = bound.without(waiter);
    return true;
  }

  /** What is hooked, or null. */
  public synchronized @Nullable WaitQueueEntry hooked() {
    return entry;
  }

  /**
   * The last descriptor was closed: wakes the waiter with POLLHUP, once. Must be called by the
   * caller that dropped the last reference.
   *
   * @return what was woken, or null
   */
  public synchronized @Nullable WaitQueueEntry release() {
    if (closed) {
      throw new IllegalStateException("eventfd " + id + " released twice");
    }
    closed = true;
    WaitQueueEntry bound = entry;
    if (bound != null) {
      bound.wake(PollEvent.POLLHUP, Signal.UNTRACKED);
    }
    return bound;
  }

  @GuardedBy("this")
  private void accept(Signal signal, @Nullable WaitQueueEntry bound) {
    signal.accepted(count, bound);
    probe.hit(Tracepoint.EVENTFD_SIGNALLED, signal, count, Detail.NONE);
  }

  @GuardedBy("this")
  private void consume() {
    drained += take();
  }

  @GuardedBy("this")
  private long take() {
    long taken = semaphore && count != 0 ? 1 : count;
    count -= taken;
    return taken;
  }
}
