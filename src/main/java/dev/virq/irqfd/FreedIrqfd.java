package dev.virq.irqfd;

import dev.virq.srcu.SrcuDomain;
import org.jspecify.annotations.Nullable;

/**
 * What is left to be looked at of a freed irqfd; it keeps nothing else alive.
 *
 * @param irqfdId its number
 * @param vmId number of the VM that it was bound to
 * @param eventfdId number of the eventfd that it was bound to
 * @param gsi the line
 * @param isResample whether the line was lowered by the guest's end of interrupt
 * @param info its counters at the end
 * @param end what its end took
 */
public record FreedIrqfd(
    long irqfdId,
    long vmId,
    long eventfdId,
    long gsi,
    boolean isResample,
    IrqfdInfo info,
    TearDown end)
    implements IrqfdView {

  @Override
  public SrcuDomain.@Nullable Ranks ranks() {
    return null;
  }

  /** What is left of that irqfd, which is freed. */
  public static FreedIrqfd of(Irqfd irqfd) {
    return new FreedIrqfd(
        irqfd.irqfdId(),
        irqfd.vmId(),
        irqfd.eventfdId(),
        irqfd.gsi(),
        irqfd.isResample(),
        irqfd.info(),
        irqfd.tearDown());
  }
}
