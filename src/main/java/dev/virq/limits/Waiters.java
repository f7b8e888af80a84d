package dev.virq.limits;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;

/**
 * A bound on the calls to one sandbox that wait at once, and on those of all sandboxes. There is
 * room apart for the first few of each sandbox: one sandbox's waiting calls never refuse another's
 * first ones, and only very many sandboxes do. Any thread.
 */
public final class Waiters {
  /** Calls of a sandbox that may wait however many others of one sandbox do. */
  static final int OWN = 8;

  private final Quota all;
  private final Quota first;
  private final Quota further;

  /** A call that waits; closed by whoever began it, once. */
  public final class Waiter implements AutoCloseable {
    private final Quota taken;

    private Waiter(Quota taken) {
      this.taken = taken;
    }

    /** It waits no longer. */
    @Override
    public void close() {
      taken.release();
      all.release();
    }
  }

  /**
   * A bound for one sandbox.
   *
   * @param limit calls of the sandbox that may wait at once
   * @param total the bound that all sandboxes share
   */
  public Waiters(int limit, WaitersTotal total) {
    this.all = new Quota("waiting calls", limit, Errno.EMFILE, null);
    this.first = new Quota("first waiting calls", OWN, Errno.EMFILE, total.all());
    this.further = total.further();
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
      further.acquire();
      counted = true;
      return new Waiter(further);
    } finally {
      if (!counted) {
        all.release();
      }
    }
  }
}
