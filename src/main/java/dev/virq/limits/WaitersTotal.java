package dev.virq.limits;

import dev.virq.errno.Errno;

/** What the waiting calls of all sandboxes share. Any thread. */
public final class WaitersTotal {
  private static final int FIRST_PART = 2;

  /** All of them: half as many again as the limit, so that first ones find room when it is met. */
  private final Quota all;

  /** Those that are not among the first of their sandbox. */
  private final Quota further;

  /**
   * Nobody waits.
   *
   * @param limit calls that may wait besides the first of each sandbox
   */
  public WaitersTotal(int limit) {
    // Of first ones, too, there are only so many: sandboxes are many, and the heap is not.
    this.all = new Quota("waiting calls in all sandboxes", mostWith(limit), Errno.ENFILE, null);
    this.further = new Quota("waiting calls in all sandboxes", limit, Errno.ENFILE, all);
  }

  /** Calls that may wait at once with such a limit, the first of each sandbox among them. */
  static long mostWith(int limit) {
    return limit + Math.max(Waiters.OWN, (long) limit / FIRST_PART);
  }

  Quota all() {
    return all;
  }

  Quota further() {
    return further;
  }

  /** How many wait. */
  public long used() {
    return all.used();
  }
}
