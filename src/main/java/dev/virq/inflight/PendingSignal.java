package dev.virq.inflight;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.eventfd.Deferred;
import dev.virq.eventfd.Signal;
import dev.virq.eventfd.WaitQueueEntry;
import dev.virq.irqfd.Irqfd;
import dev.virq.stats.LineCounters;
import dev.virq.sync.WorkerName;
import dev.virq.trace.LineStatus;
import dev.virq.trace.Outcome;
import dev.virq.trace.Tracepoint;
import org.jspecify.annotations.Nullable;

/**
 * One signal, from the write to its outcome. Safe to read from any thread once the write returned.
 */
public final class PendingSignal extends InFlight implements Signal {
  /**
   * How its injection went.
   *
   * @param worker the worker that did it, or in whose place the writer did
   * @param queuedNanos from the write to the injection, in nanoseconds
   * @param lockNanos how long the VM's lock was held, in nanoseconds; 0 if it was not
   * @param totalNanos from the write to the outcome, in nanoseconds
   */
  public record Injection(String worker, long queuedNanos, long lockNanos, long totalNanos) {}

  private static final Deferred NOTHING = () -> {};

  private final RecentSignals home;

  // Written before the write returns.
  private long number;
  private long counter;
  private long eventfdId;
  private long vmId;
  private long irqfdId;
  private long gsi = -1;
  private @Nullable LineCounters line;
  private long acceptedNanos;

  /** When it was accepted, then when its outcome was known. */
  private long nanos;

  // Written before the outcome by the thread that injects: a worker, or the writer at once.
  private @Nullable String worker;
  private long dequeuedNanos;

  /** Whether its read section begins at that moment. */
  private boolean beginsThen;

  /** What the write leaves to be done after it. Of the thread that writes; null unless it does. */
  private @Nullable Deferred deferred;

  private @Nullable Injection injection;
  private @Nullable LineStatus answer;
  private long finalSeq;

  /** Null until the end; volatile, written last: a thread that sees it sees the rest. */
  private volatile @Nullable Outcome outcome;

  /** Where it stands, for those that wait: volatile, written by the thread that injects. */
  private volatile Stage stage = Stage.QUEUED;

  /**
   * A signal not accepted yet.
   *
   * @param home numbers it
   * @param eventfdId number of the eventfd that it is of
   */
  PendingSignal(RecentSignals home, long eventfdId) {
    this.home = home;
    this.eventfdId = eventfdId;
  }

  @Override
  public void accepted(long counterAfter, @Nullable WaitQueueEntry bound) {
    counter = counterAfter;
    nanos = home.nanos();
    acceptedNanos = nanos;
    if (bound != null) {
      eventfdId = bound.eventfdId();
      vmId = bound.vmId();
      irqfdId = bound.irqfdId();
      gsi = bound.gsi();
      line = bound.first() instanceof Irqfd irqfd ? irqfd.line() : null;
      if (line != null) {
        line.accepted();
      }
    }
    // Last: from here on others find it.
    home.inFlight().beginBeforeItsEvent(this, () -> number = home.add(this));
  }

  /** Its write begins; {@link #endWrite} follows, whatever happens. By the thread that writes. */
  public void beginWrite() {
    deferred = NOTHING;
  }

  /** Its write is over: does what the wake-up deferred, or has it done. No lock held. */
  public void endWrite() {
    Deferred left = deferred;
    deferred = null;
    if (left != null) {
      left.proceed();
    }
  }

  @Override
  public boolean takesOver(Deferred injection) {
    if (deferred == null) {
      return false;
    }
    deferred = injection;
    return true;
  }

  @Override
  public long now() {
    return home.nanos();
  }

  @Override
  public void dequeued() {
    worker = WorkerName.current();
    stage = Stage.INJECTING;
  }

  @Override
  public void begins(boolean section) {
    dequeuedNanos = home.nanos();
    beginsThen = section;
  }

  @Override
  public void answered(int status) {
    LineStatus now = LineStatus.of(status);
    answer = now;
    if (line != null) {
      line.answered(now);
    }
  }

  @Override
  public @Nullable LineStatus answer() {
    return answer;
  }

  @Override
  public long nanosOf(Tracepoint step) {
    return step == Tracepoint.INJECT_LOCKED && beginsThen ? dequeuedNanos : 0;
  }

  @Override
  public long ends(long now) {
    nanos = now == 0 ? home.nanos() : now;
    return nanos - acceptedNanos;
  }

  @Override
  public long nanos() {
    return nanos;
  }

  @Override
  public void finished(Outcome end, long lockNanos, long totalNanos) {
    String thread = worker;
    if (thread != null) {
      injection = new Injection(thread, dequeuedNanos - acceptedNanos, lockNanos, totalNanos);
    }
    finalSeq = home.seq();
    if (line != null) {
      line.finished(end, finalSeq);
      // A signal that is kept must not keep the counters of a line that is gone.
      line = null;
    }
    outcome = end;
  }

  @Override
  public void over() {
    home.inFlight().end(this);
  }

  @Override
  public Pending describe() {
    return new Pending("signal", "sig-" + number, home.millisAt(acceptedNanos), stage);
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

  @Override
  public long signalId() {
    return number;
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
    return outcome == null ? null : answer;
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
