package dev.virq.host;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.eventfd.Outcome;
import dev.virq.eventfd.Signal;
import dev.virq.eventfd.WaitQueueEntry;
import dev.virq.irqchip.LineStatus;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import org.jspecify.annotations.Nullable;

/**
 * One signal, from the write to its outcome. Safe to read from any thread once the write returned.
 */
public final class PendingSignal extends InFlight implements Signal, Subject {
  /**
   * How its injection went.
   *
   * @param worker the thread
   * @param queuedNanos from the write to the worker, in nanoseconds
   * @param lockNanos how long the VM's lock was held, in nanoseconds; 0 if it was not
   * @param totalNanos from the write to the outcome, in nanoseconds
   */
  public record Injection(String worker, long queuedNanos, long lockNanos, long totalNanos) {}

  private final Host host;

  // Written before the write returns.
  private long number;
  private long counter;
  private long eventfdId;
  private long vmId;
  private long irqfdId;
  private long gsi = -1;
  private @Nullable LineCounters line;
  private long acceptedNanos;
  private long acceptedMillis;

  // Written by the worker before the outcome.
  private @Nullable String worker;
  private long dequeuedNanos;
  private @Nullable Injection injection;
  private @Nullable LineStatus lineStatus;
  private long finalSeq;

  /** Null until the end; volatile, written last: who sees it sees the rest. */
  private volatile @Nullable Outcome outcome;

  /** Where it stands, for whoever waits: volatile, written by the worker. */
  private volatile String stage = "QUEUED";

  /**
   * A signal not accepted yet.
   *
   * @param eventfdId number of the eventfd written to; 0 when only the wake-up will tell
   */
  PendingSignal(Host host, long eventfdId) {
    this.host = host;
    this.eventfdId = eventfdId;
  }

  @Override
  public void accepted(long counterAfter, @Nullable WaitQueueEntry bound) {
    counter = counterAfter;
    acceptedNanos = System.nanoTime();
    acceptedMillis = host.nowMillis();
    if (bound != null) {
      eventfdId = bound.eventfdId();
      vmId = bound.vmId();
      irqfdId = bound.irqfdId();
      gsi = bound.gsi();
      line = host.gsiCounters(vmId, gsi);
      if (line != null) {
        line.accepted();
      }
    }
    host.probe().hit(Tracepoint.EVENTFD_SIGNALLED, this);
    host.settle().begin(this, () -> number = host.signals().add(this));
  }

  @Override
  public void dequeued() {
    dequeuedNanos = System.nanoTime();
    worker = Thread.currentThread().getName();
    stage = "INJECTING";
  }

  @Override
  public void answered(int status) {
    LineStatus answer = LineStatus.of(status);
    lineStatus = answer;
    if (line != null) {
      line.answered(answer);
    }
  }

  @Override
  public void finished(Outcome end, long lockNanos) {
    long total = System.nanoTime() - acceptedNanos;
    String thread = worker;
    if (thread != null) {
      injection = new Injection(thread, dequeuedNanos - acceptedNanos, lockNanos, total);
    }
    host.probe().hit(Tracepoint.SIGNAL_FINISHED, this, total, end);
    finalSeq = host.seq();
    if (line != null) {
      line.finished(end, finalSeq);
    }
    outcome = end;
  }

  @Override
  public void over() {
    host.settle().end(this);
  }

  @Override
  Pending describe() {
    return new Pending("signal", "sig-" + number, acceptedMillis, stage);
  }

  @Override
  boolean behind(Breakpoint.Parked thread) {
    // Its own injection, or the one that runs before it on the same irqfd.
    return irqfdId != 0 && thread.point().injecting() && thread.subject().irqfdId() == irqfdId;
  }

  @Override
  public long vmId() {
    return vmId;
  }

  @Override
  public long irqfdId() {
    return irqfdId;
  }

  @Override
  public long eventfdId() {
    return eventfdId;
  }

  @Override
  public long gsi() {
    return gsi;
  }

  /** Its number in the sandbox, from 1. */
  public long number() {
    return number;
  }

  /** The sequence number of its acceptance. */
  public long acceptedSeq() {
    return seq();
  }

  /** The eventfd's counter after the write, unsigned. */
  public long counterAfter() {
    return counter;
  }

  /** What became of it, or null while that is open. */
  public @Nullable Outcome outcome() {
    return outcome;
  }

  /** What the interrupt controller made of it; null when it did not get there or is not over. */
  public @Nullable LineStatus lineStatus() {
    return outcome == null ? null : lineStatus;
  }

  /** The same for observers of {@link Tracepoint#SIGNAL_FINISHED}, who come before the end. */
  public @Nullable LineStatus answer() {
    return lineStatus;
  }

  /** The sequence number of its end; 0 while that is open. */
  public long finalSeq() {
    return outcome == null ? 0 : finalSeq;
  }

  /** How its injection went; null when it had none of its own or is not over. */
  public @Nullable Injection injection() {
    return outcome == null ? null : injection;
  }
}
