package dev.virq.breakpoint;

import dev.virq.limits.Budget;
import dev.virq.limits.Charge;
import dev.virq.limits.Cost;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the breakpoints of a host and the threads that they may stop are charged, and how many of
 * them are in the total of all sandboxes. Not thread-safe: its owner holds the lock that guards the
 * breakpoints.
 */
final class Account {
  private final Charge charge;

  /** Of all sandboxes. */
  private final LongAdder total;

  /** How many the total has of these. */
  private int counted;

  /** Whether nothing is charged any more. */
  private boolean ended;

  /** Nothing yet. */
  Account(Budget budget, LongAdder total) {
    this.charge = new Charge(budget);
    this.total = total;
  }

  private static long bytes(long breakpoints, long threads) {
    return Cost.BREAKPOINT.of(breakpoints) + Cost.HELD_THREAD.of(threads);
  }

  /**
   * Charges one more breakpoint that may stop so many threads.
   *
   * @throws dev.virq.errno.ErrnoException EMFILE, ENFILE when there is no memory for it
   */
  void acquire(int threads) {
    if (!ended) {
      charge.acquire(bytes(1, threads), Cost.BREAKPOINT);
    }
  }

  /** Brings the total along with what is listed; a host that is gone lists nothing. */
  void count(int breakpoints) {
    int now = ended ? 0 : breakpoints;
    total.add(now - counted);
    counted = now;
  }

  /** Gives back what is not needed any more for so many breakpoints, and threads to stop. */
  void keep(int breakpoints, long threads) {
    charge.resize(ended ? 0 : bytes(breakpoints, threads), Cost.BREAKPOINT);
  }

  /**
   * Hands what so many breakpoints and threads take over to another account: nothing is charged
   * here any more.
   *
   * @throws dev.virq.errno.ErrnoException EMFILE, ENFILE when that is more than is charged, and
   *     does not fit; nothing is changed then
   */
  void moveTo(Account next, int breakpoints, long threads) {
    charge.resize(bytes(breakpoints, threads), Cost.BREAKPOINT);
    charge.moveTo(next.charge);
    ended = true;
    count(0);
  }

  /** The host is gone: gives back everything. */
  void end() {
    ended = true;
    count(0);
    keep(0, 0);
  }
}
