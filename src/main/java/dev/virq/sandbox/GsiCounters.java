package dev.virq.sandbox;

import dev.virq.eventfd.Outcome;

/** Signals to one line of one VM, by outcome; each call is atomic. */
public final class GsiCounters {
  /**
   * The counters at one moment.
   *
   * @param signalled signals accepted
   * @param injected signals that made the line rise
   * @param coalesced signals merged with a queued injection, or with a line that was high
   * @param ignored signals to a line that leads nowhere
   * @param dropped signals that found the relation severed
   * @param lastSeq sequence number of the last outcome
   */
  public record Snapshot(
      long signalled, long injected, long coalesced, long ignored, long dropped, long lastSeq) {
    static final Snapshot NONE = new Snapshot(0, 0, 0, 0, 0, 0);

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
  private long lastSeq;

  /** Irqfds bound to the line now. Guarded by the kernel's table lock. */
  int bound;

  GsiCounters() {}

  synchronized void accepted() {
    signalled++;
  }

  synchronized void finished(Outcome outcome, long seq) {
    switch (outcome) {
      case INJECTED -> injected++;
      case COALESCED_PENDING, COALESCED_LINE -> coalesced++;
      case IGNORED_UNROUTED -> ignored++;
      case DROPPED_DEACTIVATED, DROPPED_VM_GONE, NOT_BOUND, FAILED -> dropped++;
    }
    lastSeq = seq;
  }

  synchronized Snapshot snapshot() {
    return new Snapshot(signalled, injected, coalesced, ignored, dropped, lastSeq);
  }
}
