package dev.virq.host;

import dev.virq.eventfd.Outcome;
import dev.virq.irqchip.LineStatus;

/** Signals to one line of one VM by outcome, and raises by line status; each call is atomic. */
public final class LineCounters {
  /**
   * The counters at one moment.
   *
   * @param signalled signals accepted
   * @param injected signals that reached the VM, whatever the line status
   * @param coalesced signals merged with a queued injection
   * @param ignored signals to a line that leads nowhere
   * @param dropped signals that found the relation severed
   * @param lineDelivered raises, by irqfds and line calls, that were accepted or latched
   * @param lineCoalesced raises merged with a request that was not acknowledged yet
   * @param lineIgnored raises that were masked, had to wait for an end, or led nowhere
   * @param lastSeq sequence number of the last outcome
   */
  public record Snapshot(
      long signalled,
      long injected,
      long coalesced,
      long ignored,
      long dropped,
      long lineDelivered,
      long lineCoalesced,
      long lineIgnored,
      long lastSeq) {
    static final Snapshot NONE = new Snapshot(0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Signals without an outcome yet. */
    public long pending() {
      return signalled - injected - coalesced - ignored - dropped;
    }
  }

  // All guarded by this.
  private long signalled;
  private long injected;
  private long coalesced;
  private long ignored;
  private long dropped;
  private long lineDelivered;
  private long lineCoalesced;
  private long lineIgnored;
  private long lastSeq;

  /** Irqfds bound to the line now. Guarded by the kernel's table lock. */
  int bound;

  LineCounters() {}

  synchronized void accepted() {
    signalled++;
  }

  synchronized void answered(LineStatus status) {
    switch (status) {
      case DELIVERED -> lineDelivered++;
      case COALESCED -> lineCoalesced++;
      case IGNORED -> lineIgnored++;
    }
  }

  synchronized void finished(Outcome outcome, long seq) {
    switch (outcome) {
      case INJECTED -> injected++;
      case COALESCED_PENDING -> coalesced++;
      case IGNORED_UNROUTED -> ignored++;
      case DROPPED_DEACTIVATED, DROPPED_VM_GONE, NOT_BOUND, FAILED -> dropped++;
    }
    lastSeq = seq;
  }

  synchronized Snapshot snapshot() {
    return new Snapshot(
        signalled,
        injected,
        coalesced,
        ignored,
        dropped,
        lineDelivered,
        lineCoalesced,
        lineIgnored,
        lastSeq);
  }
}
