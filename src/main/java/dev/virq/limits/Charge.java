package dev.virq.limits;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.errno.ErrnoException;

/**
 * What one object that grows has taken of a budget: all of it is given back at once, whatever it
 * grew to. Any thread; the monitor is a leaf lock but for the budget's.
 */
public final class Charge {
  private final Budget budget;

  @GuardedBy("this")
  private long bytes;

  /** Nothing taken yet. */
  public Charge(Budget budget) {
    this.budget = budget;
  }

  /** As {@link #acquire(long, Cost)} for one object. */
  public void acquire(Cost cost) {
    acquire(cost.bytes(), cost);
  }

  /** As {@link Budget#acquire(long, Cost)}. */
  public synchronized void acquire(long more, Cost what) {
    budget.acquire(more, what);
    bytes += more;
  }

  /** Gives some back. */
  public synchronized void release(long fewer) {
    if (fewer > bytes) {
      throw new IllegalStateException(fewer + " bytes released of " + bytes);
    }
    budget.release(fewer);
    bytes -= fewer;
  }

  /**
   * Takes more, or gives back, until it is this much.
   *
   * @throws ErrnoException as {@link Budget#acquire(long, Cost)}; nothing is changed then
   */
  public synchronized void resize(long to, Cost what) {
    budget.acquire(Math.max(0, to - bytes), what);
    budget.release(Math.max(0, bytes - to));
    bytes = to;
  }

  /** Leaves what was taken to another of the same budget. */
  public void moveTo(Charge other) {
    other.add(surrender());
  }

  private synchronized long surrender() {
    long all = bytes;
    bytes = 0;
    return all;
  }

  private synchronized void add(long more) {
    bytes += more;
  }

  /** Gives all back. */
  public synchronized void releaseAll() {
    budget.release(bytes);
    bytes = 0;
  }
}
