package dev.virq.srcu;

import java.util.List;

/**
 * A grace period that waits for long: the counterpart of the kernel's RCU stall warning.
 *
 * @param sequence number of the grace period
 * @param waitedNanos since it began, in nanoseconds
 * @param readersOpen sections open in the rank it waits for; a hint
 * @param poisoned whether it waits for ever because more sections were ended than begun
 * @param readers the open sections of that rank, when the domain is tracked; else empty
 */
public record Stall(
    long sequence,
    long waitedNanos,
    long readersOpen,
    boolean poisoned,
    List<OpenSection> readers) {

  /** Copies the list. */
  public Stall {
    readers = List.copyOf(readers);
  }

  /**
   * A read section of a tracked domain that is open.
   *
   * @param thread the thread that began it
   * @param alive whether that thread still runs; a dead one has leaked the section, unless it
   *     handed the index over
   * @param index the rank: 0 or 1
   * @param handOff whether it was begun by {@link SrcuDomain#downRead}
   * @param openNanos since it began, in nanoseconds
   * @param begunAt the stack that began it, innermost frame first
   * @param now where the thread is now; empty when it is dead
   */
  public record OpenSection(
      Thread thread,
      boolean alive,
      int index,
      boolean handOff,
      long openNanos,
      List<StackTraceElement> begunAt,
      List<StackTraceElement> now) {

    /** Copies the lists. */
    public OpenSection {
      begunAt = List.copyOf(begunAt);
      now = List.copyOf(now);
    }
  }
}
