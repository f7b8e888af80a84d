package dev.virq.sandbox;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.eventfd.Outcome;
import dev.virq.trace.Breakpoint;
import java.util.List;

/** Ends a kernel through the same closes that a caller would make: one path, one set of races. */
final class Shutdown {
  private static final int LISTED = 1_000;

  private final Kernel kernel;
  private final Settle settle;
  private final KernelStats stats;

  Shutdown(Kernel kernel, Settle settle, KernelStats stats) {
    this.kernel = kernel;
    this.settle = settle;
    this.stats = stats;
  }

  ShutdownReport run(ErrnoException refusal, long timeoutNanos) {
    long start = System.nanoTime();
    Kernel.Counts found = kernel.counts();
    List<Long> vms = kernel.vms().open();
    List<EventfdEntry> files = kernel.eventfds().open();
    List<Long> eventfds =
        files.stream().filter(file -> file.eventfd() != null).map(EventfdEntry::id).toList();
    List<Long> irqfds =
        kernel.irqfds().list(0, LISTED).stream().map(irqfd -> irqfd.irqfdId()).toList();
    List<Long> armed =
        kernel.breakpoints().list().stream()
            .filter(one -> one.state() != Breakpoint.State.DONE)
            .map(Breakpoint::id)
            .toList();
    long dropped = dropped();

    // Holds first: everything below may wait for a held thread.
    kernel.beginDrain(refusal);
    kernel.eventfds().cancelReads();
    // VMs first: that ends all their bindings in one pass each.
    vms.forEach(vm -> tolerate(() -> kernel.vms().closeAnyway(vm)));
    files.forEach(this::close);
    boolean complete =
        settle.awaitQuiet(timeoutNanos) == Settle.Verdict.MET
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

  private void close(EventfdEntry file) {
    for (int fd : kernel.eventfds().descriptors(file)) {
      tolerate(() -> kernel.eventfds().closeAnyway(EventfdRef.fd(fd)));
    }
  }

  private boolean isEmpty() {
    Kernel.Counts left = kernel.counts();
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
