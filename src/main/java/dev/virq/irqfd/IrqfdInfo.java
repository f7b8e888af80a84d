package dev.virq.irqfd;

/**
 * An irqfd at one moment; the counters belong together.
 *
 * <p>callbacks = queued + coalesced; queued = injected + severed + failed + in flight, of which
 * there are at most two.
 *
 * @param state where it stands
 * @param callbacks wake-ups with POLLIN
 * @param queued wake-ups that led to an injection of their own
 * @param coalesced wake-ups merged into an injection that was queued already
 * @param injected injections that reached the VM
 * @param severed injections that found the VM gone
 * @param failed injections that a bug stopped; never expected
 */
public record IrqfdInfo(
    IrqfdState state,
    long callbacks,
    long queued,
    long coalesced,
    long injected,
    long severed,
    long failed) {

  /** Injections queued or running. */
  public long inFlight() {
    return queued - injected - severed - failed;
  }
}
