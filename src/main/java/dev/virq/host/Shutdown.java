package dev.virq.host;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.eventfd.Outcome;
import java.util.List;

/** Ends a kernel through the same closes that a caller would make: one path, one set of races. */
final class Shutdown {
  private static final int LISTED = 1_000;

  private final Host host;
  private final InFlightList settle;
  private final StatsProbe stats;

  Shutdown(Host host, InFlightList settle, StatsProbe stats) {
    this.host = host;
    this.settle = settle;
    this.stats = stats;
  }

  ShutdownReport run(ErrnoException refusal, long timeoutNanos) {
    long start = System.nanoTime();
    Host.Counts found = host.counts();
    List<Long> vms = host.vms().open();
    List<EventfdFile> files = host.eventfds().open();
    List<Long> eventfds =
        files.stream().filter(file -> file.eventfd() != null).map(EventfdFile::id).toList();
    List<Long> irqfds =
        host.irqfds().list(0, LISTED).stream().map(irqfd -> irqfd.irqfdId()).toList();
    List<Long> armed =
        host.breakpoints().list().stream()
            .filter(one -> one.state() != Breakpoint.State.DONE)
            .map(Breakpoint::id)
            .toList();
    long dropped = dropped();

    // Holds first: everything below may wait for a held thread.
    host.beginDrain(refusal);
    host.eventfds().cancelReads();
    // VMs first: that ends all their bindings in one pass each.
    vms.forEach(vm -> tolerate(() -> host.vms().closeAnyway(vm)));
    files.forEach(this::close);
    boolean complete =
        settle.awaitQuiet(timeoutNanos) == InFlightList.Verdict.MET
            && settle.awaitEmpty(
                this::isEmpty, Math.max(0, timeoutNanos - (System.nanoTime() - start)));

    return new ShutdownReport(
        first(vms),
        first(eventfds),
        irqfds,
        first(armed),
        found,
        dropped() - dropped,
        stats.gracePeriods(),
        System.nanoTime() - start,
        complete);
  }

  private void close(EventfdFile file) {
    for (int fd : host.eventfds().descriptors(file)) {
      tolerate(() -> host.eventfds().closeAnyway(EventfdName.fd(fd)));
    }
  }

  private boolean isEmpty() {
    Host.Counts left = host.counts();
    return left.vms() == 0 && left.eventfds() == 0 && left.irqfds() == 0;
  }

  /** Somebody else closed it first, which is as good. */
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
