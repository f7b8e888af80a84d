package dev.virq.snapshot;

import dev.virq.irqfd.FreedIrqfd;
import dev.virq.irqfd.IrqfdState;
import dev.virq.irqfd.IrqfdView;
import dev.virq.irqfd.TearDown;

/**
 * A freed irqfd that can still be asked for.
 *
 * @param number its number
 * @param vm number of the VM that it was bound to
 * @param eventfd number of the eventfd that it was bound to
 * @param gsi the line
 * @param resample whether it had a resample eventfd
 * @param injections what it had counted
 * @param gracePeriodNanos how long its end waited for readers
 * @param waitedForReaders how many there were
 * @param flushNanos how long its end waited for injections
 * @param vmFreed whether its reference to the VM was the last one
 */
public record FreedIrqfdEntry(
    long number,
    long vm,
    long eventfd,
    long gsi,
    boolean resample,
    IrqfdEntry.Injections injections,
    long gracePeriodNanos,
    long waitedForReaders,
    long flushNanos,
    boolean vmFreed) {
  static FreedIrqfdEntry of(IrqfdView irqfd) {
    TearDown end = irqfd.end();
    TearDown took = end == null ? TearDown.NONE : end;
    return new FreedIrqfdEntry(
        irqfd.irqfdId(),
        irqfd.vmId(),
        irqfd.eventfdId(),
        irqfd.gsi(),
        irqfd.isResample(),
        IrqfdEntry.Injections.of(irqfd.info()),
        took.gracePeriodNanos(),
        took.waitedForReaders(),
        took.flushNanos(),
        took.vmFreed());
  }

  FreedIrqfd irqfd() {
    return new FreedIrqfd(
        number,
        vm,
        eventfd,
        gsi,
        resample,
        injections.info(IrqfdState.FREED),
        new TearDown(gracePeriodNanos, waitedForReaders, flushNanos, vmFreed));
  }
}
