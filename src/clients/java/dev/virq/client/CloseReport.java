package dev.virq.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a close did. What only its end can tell is null until it is settled: how long it took, and
 * how many readers it waited for.
 *
 * @param lastReference whether it closed the last descriptor
 * @param released ids of the irqfds that are gone
 * @param vmRefsDropped references to VMs dropped
 * @param vmFreed ids of the VMs destroyed by that
 * @param gracePeriodNanos the longest grace period; null until it is settled
 * @param flushNanos the longest wait for queued injections; null until it is settled
 * @param waitedForReaders readers that the grace periods found; null until it is settled
 * @param settled whether it is over; if not, it goes on and must not be repeated
 * @param pending what it still waits for
 * @param heldBy the threads held at breakpoints that keep it
 * @param seq number of the sandbox's newest event
 */
public record CloseReport(
    boolean lastReference,
    List<String> released,
    long vmRefsDropped,
    List<String> vmFreed,
    @Nullable Long gracePeriodNanos,
    @Nullable Long flushNanos,
    @Nullable Long waitedForReaders,
    boolean settled,
    @Nullable List<Pending> pending,
    @Nullable List<Held> heldBy,
    long seq) {

  /** The zeros of a close that has not ended are no results. */
  public CloseReport {
    gracePeriodNanos = settled ? gracePeriodNanos : null;
    flushNanos = settled ? flushNanos : null;
    waitedForReaders = settled ? waitedForReaders : null;
  }
}
