package dev.virq.snapshot;

import dev.virq.eventfd.EventFd;
import dev.virq.irqfd.Irqfd;
import dev.virq.irqfd.IrqfdInfo;
import dev.virq.irqfd.IrqfdState;
import org.jspecify.annotations.Nullable;

/**
 * A bound irqfd in a snapshot.
 *
 * @param number its number
 * @param vm number of its VM
 * @param eventfd number of its eventfd
 * @param gsi the line
 * @param resampleEventfd number of its resample eventfd, which may be closed by now; null for a
 *     plain irqfd
 * @param injections what it has counted
 */
public record IrqfdEntry(
    long number,
    long vm,
    long eventfd,
    long gsi,
    @Nullable Long resampleEventfd,
    Injections injections) {
  /**
   * What an irqfd has counted; nothing is in flight.
   *
   * @param queued wake-ups that led to an injection of their own
   * @param coalesced wake-ups merged into an injection that was queued already
   * @param injected injections that reached the VM
   * @param severed injections that found the VM gone
   * @param failed injections that a bug stopped
   */
  public record Injections(long queued, long coalesced, long injected, long severed, long failed) {
    static Injections of(IrqfdInfo info) {
      return new Injections(
          info.queued(), info.coalesced(), info.injected(), info.severed(), info.failed());
    }

    IrqfdInfo info(IrqfdState state) {
      return new IrqfdInfo(state, queued + coalesced, queued, coalesced, injected, severed, failed);
    }
  }

  static IrqfdEntry of(Irqfd irqfd) {
    EventFd resample = irqfd.resample();
    return new IrqfdEntry(
        irqfd.irqfdId(),
        irqfd.vmId(),
        irqfd.eventfdId(),
        irqfd.gsi(),
        resample == null ? null : (Long) resample.eventfdId(),
        Injections.of(irqfd.info()));
  }
}
