package dev.virq.limits;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;

/**
 * A bound on the calls to one sandbox that wait at once, and on those of all sandboxes. The first
 * few of a sandbox do not count in the latter: nobody's waiting calls refuse another's first ones.
 * Any thread.
 */
public final class Waiters {
  /** Calls of a sandbox that may wait however many others do. */
  static final int OWN = 8;

  private final Quota all;
  private final Quota first = new Quota("first waiting calls", OWN, Errno.EMFILE, null);
  private final Quota total;

  /** A call that waits; closed by whoever began it, once. */
  public final class Waiter implements AutoCloseable {
    private final Quota further;

    private Waiter(Quota further) {
      this.further = further;
    }

    /** It waits no longer. */
    @Override
    public void close() {
      further.release();
      all.release();
    }
  }

  /**
   * A bound for one sandbox.
   *
   * @param limit calls of the sandbox that may wait at once
   * @param total the bound that all sandboxes share
   */
  public Waiters(int limit, Quota total) {
    this.all = new Quota("waiting calls", limit, Errno.EMFILE, null);
    this.total = total;
  }

  /**
   * One more call waits.
   *
   * @throws ErrnoException EMFILE when too many of this sandbox do, ENFILE when too many of all
   */
  public Waiter enter() {
    all.acquire();
    if (first.tryAcquire(1)) {
      return new Waiter(first);
    }
    boolean counted = false;
    try {
      total.acquire();
      counted = true;
      return new Waiter(total);
    } finally {
      if (!counted) {
        all.release();
      }
    }
  }
}
