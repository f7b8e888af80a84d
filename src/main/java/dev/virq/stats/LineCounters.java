package dev.virq.stats;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.trace.LineStatus;
import dev.virq.trace.Outcome;

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

  @GuardedBy("this")
  private long signalled;

  @GuardedBy("this")
  private long injected;

  @GuardedBy("this")
  private long coalesced;

  @GuardedBy("this")
  private long ignored;

  @GuardedBy("this")
  private long dropped;

  @GuardedBy("this")
  private long lineDelivered;

  @GuardedBy("this")
  private long lineCoalesced;

  @GuardedBy("this")
  private long lineIgnored;

  @GuardedBy("this")
  private long lastSeq;

  /** Irqfds bound to the line now. */
  @GuardedBy("this")
  private int bound;

  LineCounters() {}

  /** One more irqfd is bound to the line. */
  synchronized void bind() {
    bound++;
  }

  /** One irqfd less is bound to the line; returns whether none is left. */
  synchronized boolean unbind() {
    return --bound == 0;
  }

  /** A signal was accepted. */
  public synchronized void accepted() {
    signalled++;
  }

  /** The controller answered a raise. */
  public synchronized void answered(LineStatus status) {
    switch (status) {
      case DELIVERED -> lineDelivered++;
      case COALESCED -> lineCoalesced++;
      case IGNORED -> lineIgnored++;
    }
  }

  /** A signal has its outcome; seq is the number of the event that reported it. */
  public synchronized void finished(Outcome outcome, long seq) {
    switch (outcome) {
      case INJECTED -> injected++;
      case COALESCED_PENDING -> coalesced++;
      case IGNORED_UNROUTED -> ignored++;
      case DROPPED_DEACTIVATED, DROPPED_VM_GONE, NOT_BOUND, FAILED -> dropped++;
    }
    lastSeq = seq;
  }

  /** Has counted what another had; its events are not in this log. */
  synchronized void become(Snapshot counted) {
    signalled = counted.signalled();
    injected = counted.injected();
    coalesced = counted.coalesced();
    ignored = counted.ignored();
    dropped = counted.dropped();
    lineDelivered = counted.lineDelivered();
    lineCoalesced = counted.lineCoalesced();
    lineIgnored = counted.lineIgnored();
    lastSeq = counted.lastSeq();
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
