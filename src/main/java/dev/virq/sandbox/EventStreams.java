package dev.virq.sandbox;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.limits.Quota;
import dev.virq.limits.Waiters;
import dev.virq.trace.TraceBuffer;
import java.util.concurrent.atomic.AtomicLong;

/** The event streams of one sandbox that are open, and the bound on them. Any thread. */
public final class EventStreams {
  private final Quota open;
  private final Total total;
  private final TraceBuffer log;

  EventStreams(int limit, Total total, TraceBuffer log) {
    this.open = new Quota("event streams", limit, Errno.EMFILE, total.open);
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
    }
  }

  /**
   * One more stream. It is a call that waits, and bounded as such, too.
   *
   * @param waiters of the sandbox
   * @param detail whether the log is to record everything meanwhile
   * @throws ErrnoException EMFILE when this sandbox has too many, ENFILE when all have
   */
  public EventStream open(Waiters waiters, boolean detail) {
    open.acquire();
    boolean opened = false;
    try {
      EventStream stream = new EventStream(waiters.enter(), detail);
      opened = true;
      return stream;
    } finally {
      if (!opened) {
        open.release();
      }
    }
  }
}
