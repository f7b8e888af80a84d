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
}
