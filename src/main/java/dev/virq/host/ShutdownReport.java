package dev.virq.host;

import dev.virq.stats.Counts;
import dev.virq.stats.StatsProbe;
import java.util.List;

/**
 * What a shutdown found and ended; the lists name what had been left open, the first thousand of
 * each.
 *
 * @param vms numbers of the VMs that were open
 * @param eventfds numbers of the eventfds that were open
 * @param irqfds numbers of the irqfds that were bound
 * @param breakpoints numbers of the breakpoints that were armed, or held a thread, or had expired
 * @param released how many objects it released
 * @param pendingSignalsDropped signals in flight that were dropped
 * @param gracePeriods the grace periods since boot
 * @param elapsedNanos how long it took, in nanoseconds
 * @param complete whether all was gone in time; false only by a bug
 */
public record ShutdownReport(
    List<Long> vms,
    List<Long> eventfds,
    List<Long> irqfds,
    List<Long> breakpoints,
    Counts released,
    long pendingSignalsDropped,
    StatsProbe.GracePeriods gracePeriods,
    long elapsedNanos,
    boolean complete) {

  /** The same, with breakpoints that were kept on purpose left out of what had been left open. */
  public ShutdownReport withoutBreakpoints() {
    return new ShutdownReport(
        vms,
        eventfds,
        irqfds,
        List.of(),
        released,
        pendingSignalsDropped,
        gracePeriods,
        elapsedNanos,
        complete);
  }
}
