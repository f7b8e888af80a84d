package dev.virq.stats;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.trace.LineStatus;
import dev.virq.trace.Outcome;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Signals to one line of one VM by outcome, and raises by line status; each call is atomic.
 *
 * <p>Any thread. What every signal counts before its end is counted without a lock; the monitor, a
 * leaf lock, guards the rest.
 */
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

  private static final VarHandle SIGNALLED = counter("signalled");
  private static final VarHandle DELIVERED = counter("lineDelivered");
  private static final VarHandle COALESCED = counter("lineCoalesced");
  private static final VarHandle IGNORED = counter("lineIgnored");

  // These four are added to without the monitor, and never fall.
  private volatile long signalled;
  private volatile long lineDelivered;
  private volatile long lineCoalesced;
  private volatile long lineIgnored;

  @GuardedBy("this")
  private long injected;

  @GuardedBy("this")
  private long coalesced;

  @GuardedBy("this")
  private long ignored;

  @GuardedBy("this")
  private long dropped;

  @GuardedBy("this")
  private long lastSeq;

  /** Irqfds bound to the line now. */
  @GuardedBy("this")
  private int bound;

  LineCounters() {}

  private static VarHandle counter(String name) {
    try {
      return MethodHandles.lookup().findVarHandle(LineCounters.class, name, long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** One more irqfd is bound to the line. */
  synchronized void bind() {
    bound++;
  }

  /** One irqfd less is bound to the line; returns whether none is left. */
  synchronized boolean unbind() {
    return --bound == 0;
  }

  /** A signal was accepted. */
  public void accepted() {
    long _ = (long) SIGNALLED.getAndAdd(this, 1L);
  }

  /** The controller answered a raise. */
  public void answered(LineStatus status) {
    VarHandle counter =
        switch (status) {
          case DELIVERED -> DELIVERED;
          case COALESCED -> COALESCED;
          case IGNORED -> IGNORED;
        };
    long _ = (long) counter.getAndAdd(this, 1L);
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

  Snapshot snapshot() {
    while (true) {
      long accepted = signalled;
      long delivered = lineDelivered;
      long merged = lineCoalesced;
      long refused = lineIgnored;
      Snapshot seen = with(accepted, delivered, merged, refused);
      // None of the four ever falls: what is the same before and after was so in between, when the
      // rest was read.
      if (accepted == signalled
          && delivered == lineDelivered
          && merged == lineCoalesced
          && refused == lineIgnored) {
        return seen;
      }
      Thread.onSpinWait();
    }
  }

  private synchronized Snapshot with(long accepted, long delivered, long merged, long refused) {
    return new Snapshot(
        accepted, injected, coalesced, ignored, dropped, delivered, merged, refused, lastSeq);
  }
}
