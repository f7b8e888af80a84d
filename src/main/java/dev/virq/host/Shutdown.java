package dev.virq.host;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.breakpoint.Breakpoints;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.inflight.InFlightList;
import dev.virq.stats.Counts;
import dev.virq.stats.StatsProbe;
import dev.virq.trace.Outcome;
import java.util.List;

/**
 * Ends a host through the same closes that a caller would make: one path, one set of races.
 *
 * @param vms the calls on VMs
 * @param eventfds the calls on descriptors
 * @param irqfds the calls on irqfds
 * @param breakpoints what may hold threads
 * @param inFlight what is under way
 * @param stats what was counted
 */
record Shutdown(
    VmCalls vms,
    EventfdCalls eventfds,
    IrqfdCalls irqfds,
    Breakpoints breakpoints,
    InFlightList inFlight,
    StatsProbe stats) {
  private static final int LISTED = 1_000;

  ShutdownReport run(ErrnoException refusal, long timeoutNanos) {
    long start = System.nanoTime();
    Counts found = counts();
    List<VmFile> open = vms.open();
    List<EventfdFile> files = eventfds.open();
    List<Long> opened =
        files.stream().filter(file -> file.eventfd() != null).map(EventfdFile::id).toList();
    List<Long> bound = irqfds.list(0, LISTED).stream().map(irqfd -> irqfd.irqfdId()).toList();
    List<Long> armed =
        breakpoints.list().stream()
            .filter(one -> one.state() != Breakpoint.State.DONE)
            .map(Breakpoint::id)
            .toList();
    long dropped = dropped();

    // Holds first: everything below may wait for a held thread.
    release(refusal);
    // VMs first: that ends all their bindings in one pass each.
    open.forEach(vm -> tolerate(() -> vms.closeAnyway(vm)));
    files.forEach(this::close);
    boolean complete =
        inFlight.awaitQuiet(timeoutNanos) == InFlightList.Verdict.MET
            && inFlight.awaitEmpty(
                this::isEmpty, Math.max(0, timeoutNanos - (System.nanoTime() - start)));

    return new ShutdownReport(
        first(open.stream().map(VmFile::id).toList()),
        first(opened),
        bound,
        first(armed),
        found,
        dropped() - dropped,
        stats.gracePeriods(),
        System.nanoTime() - start,
        complete);
  }

  /** Lets every thread go, for good, and ends every wait. */
  void release(ErrnoException refusal) {
    inFlight.cancel(refusal);
    eventfds.cancelReads();
    breakpoints.close();
  }

  /** How many objects there are. */
  Counts counts() {
    return new Counts(
        vms.used(),
        eventfds.used(),
        irqfds.used(),
        breakpoints.list().size(),
        breakpoints.parked().size());
  }

  private void close(EventfdFile file) {
    for (int fd : eventfds.descriptors(file)) {
      tolerate(() -> eventfds.closeAnyway(EventfdName.fd(fd)));
    }
  }

  private boolean isEmpty() {
    Counts left = counts();
    return left.vms() == 0 && left.eventfds() == 0 && left.irqfds() == 0;
  }

  /** Another caller closed it first, which is just as good. */
  private static void tolerate(Runnable close) {
    try {
      close.run();
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EBADF && e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
  }

  private long dropped() {
    return stats.of(Outcome.DROPPED_DEACTIVATED) + stats.of(Outcome.DROPPED_VM_GONE);
  }

  private static List<Long> first(List<Long> ids) {
    return List.copyOf(ids.subList(0, Math.min(LISTED, ids.size())));
  }
}
