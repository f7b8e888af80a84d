package dev.virq.irqfd;

import dev.virq.chip.IrqSource;
import dev.virq.eventfd.Deferred;
import dev.virq.eventfd.Signal;
import dev.virq.irqchip.IrqChip;
import dev.virq.protocol.PendingRequest;
import dev.virq.srcu.SrcuDomain;
import dev.virq.srcu.SrcuRef;
import dev.virq.trace.EndCause;
import dev.virq.trace.LineStatus;
import dev.virq.trace.Outcome;
import dev.virq.trace.Probe;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import dev.virq.vm.Vm;
import dev.virq.workqueue.Work;
import dev.virq.workqueue.WorkQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The deferred half of one irqfd: {@code irqfd_inject}, the requests for it, and their counters.
 *
 * <p>Requests come under the eventfd's wait-queue lock, one at a time. Injections run on a worker
 * of the injection queue or in its place on the thread that wrote, never two at once, inside a read
 * section of the irqfd's domain.
 */
final class Injection extends InjectionCounts implements Runnable, Deferred {
  private final Subject irqfd;
  private final boolean resample;
  private final Probe probe;
  private final SrcuDomain srcu;
  private final SrcuRef<Vm> kvm;
  private final @Nullable IrqChip chip;
  private final EndDecisions end;
  private final Work work;

  /** The signal that the next injection answers; not null exactly while a request waits. */
  private final PendingRequest lead;

  /**
   * No request yet.
   *
   * @param irqfd whose injections these are
   * @param resample whether the line stays up until the end of interrupt
   * @param queue where they run
   * @param probe sees every step
   * @param srcu the domain that protects the pointer
   * @param kvm the pointer to the VM
   * @param chip the VM's controller
   * @param lead no request yet
   * @param end says what severed the relation, once it is severed
   */
  Injection(
      Subject irqfd,
      boolean resample,
      WorkQueue queue,
      Probe probe,
      SrcuDomain srcu,
      SrcuRef<Vm> kvm,
      @Nullable IrqChip chip,
      PendingRequest lead,
      EndDecisions end) {
    this.irqfd = irqfd;
    this.resample = resample;
    this.probe = probe;
    this.srcu = srcu;
    this.kvm = kvm;
    this.chip = chip;
    this.lead = lead;
    this.end = end;
    this.work = new Work(queue, this);
  }

  /**
   * Asks for an injection that starts after this call, or makes it at once where that is possible.
   * Wait-queue lock held; never blocks.
   */
  void request(Signal signal) {
    IrqChip known = chip;
    if (known != null && known.routing().onlyMessage(irqfd.gsi()) != null && sentAtOnce(signal)) {
      return;
    }
    if (lead.compareAndSet(null, signal)) {
      countQueued();
      probe.hit(Tracepoint.SIGNAL_QUEUED, irqfd, 0, signal);
      if (work.request() == Work.Scheduled.QUEUED && !signal.takesOver(this)) {
        work.enqueue();
      }
      return;
    }
    countCoalesced();
    signal.finish(probe, Outcome.COALESCED_PENDING, 0, 0);
    signal.over();
  }

  /** Answers the request that waits, or has a worker do so. */
  @Override
  public void proceed() {
    work.proceed();
  }

  /** A line that leads to one message: it is sent here and now, unless that takes a walk. */
  private boolean sentAtOnce(Signal signal) {
    int index = srcu.readLock();
    try {
      Vm vm = kvm.dereference();
      IrqChip now = vm == null ? null : vm.irqchip();
      int status = now == null ? IrqChip.NOT_AT_ONCE : now.sendAtOnce(irqfd.gsi());
      if (status == IrqChip.NOT_AT_ONCE) {
        return false;
      }
      probe.hit(Tracepoint.INJECT_AT_ONCE, irqfd, index, signal);
      countAtOnce();
      signal.dequeued();
      signal.begins(false);
      signal.answered(status);
      signal.finish(probe, Outcome.INJECTED, 0, 0);
    } finally {
      srcu.readUnlock(index);
    }
    signal.over();
    return true;
  }

  /** Whether no injection is asked for or runs. */
  boolean isIdle() {
    return work.state() == Work.State.IDLE;
  }

  /**
   * Waits until every injection asked for has ended. No lock held, not on the injection queue.
   *
   * @param sleeping runs what waits; not called when there is nothing to wait for
   */
  void flush(Consumer<Runnable> sleeping) {
    work.flush(sleeping);
  }

  /** Answers the request that waits. For the injection queue. */
  @Override
  public void run() {
    Signal signal = lead.begin();
    if (signal == null) {
      throw new IllegalStateException(irqfd + " injects without a request");
    }
    signal.dequeued();
    // Looked at once, and only when it shows that the injection begins: where nothing can stop the
    // thread, both sides of the point are one moment, and the clock is read once.
    boolean enters = probe.isObserved(Tracepoint.INJECT_ENTER);
    signal.begins(!enters);
    try {
      if (enters) {
        probe.hit(Tracepoint.INJECT_ENTER, irqfd, 0, signal);
      }
      inject(signal);
    } finally {
      lead.end();
      signal.over();
    }
  }

  private void inject(Signal signal) {
    Pulse pulse = Pulse.FAILED;
    int index = srcu.readLock();
    try {
      probe.hit(Tracepoint.INJECT_LOCKED, irqfd, index, signal);
      Vm vm = kvm.dereference();
      probe.hit(Tracepoint.INJECT_DEREFERENCED, irqfd, index, signal);
      // After [2] the pointer is null: bail out. Before, the VM lives until this section ends.
      pulse = vm == null ? bailOut(index, signal) : pulse(vm, signal);
      if (pulse.ended() == 0) {
        probe.hit(Tracepoint.INJECT_LOWERED, irqfd, index, signal);
      }
    } finally {
      // Inside the section: so the outcome is known before the VM can be gone.
      countEnd(pulse.outcome());
      signal.finish(probe, pulse.outcome(), pulse.lockNanos(), pulse.ended());
      srcu.readUnlock(index);
    }
    probe.hit(Tracepoint.INJECT_UNLOCKED, irqfd, 0, signal);
  }

  private Pulse bailOut(int index, Signal signal) {
    probe.hit(Tracepoint.INJECT_SEVERED, irqfd, index, signal);
    boolean vmGone = end.severer() == EndCause.VM_RELEASE;
    return new Pulse(vmGone ? Outcome.DROPPED_VM_GONE : Outcome.DROPPED_DEACTIVATED, 0, 0);
  }

  private Pulse pulse(Vm vm, Signal signal) {
    vm.lock();
    long start = signal.now();
    try {
      probe.hit(Tracepoint.INJECT_MUTEX, irqfd, 0, signal);
      IrqChip now = vm.irqchip();
      if (now == null) {
        throw new IllegalStateException(irqfd + " is bound to a VM without controller");
      }
      int status = drive(now);
      signal.answered(status);
      boolean reached = status >= 0 || now.routed(irqfd.gsi());
      // As above: who cannot be stopped after it is over at this moment.
      boolean lowered = probe.isObserved(Tracepoint.INJECT_LOWERED);
      long end = signal.now();
      return new Pulse(
          reached ? Outcome.INJECTED : Outcome.IGNORED_UNROUTED, end - start, lowered ? 0 : end);
    } finally {
      vm.unlock();
      probe.hit(Tracepoint.LOCK_RELEASED, irqfd, 0, signal);
    }
  }

  /** Line to 1, and for a plain irqfd back to 0 whatever happens. VM lock held. */
  private int drive(IrqChip now) {
    if (resample) {
      int status = now.setIrq(IrqSource.RESAMPLE, irqfd.gsi(), true);
      probe.hit(Tracepoint.INJECT_RAISED, irqfd, 0, LineStatus.of(status));
      return status;
    }
    try {
      int status = now.setIrq(IrqSource.USER, irqfd.gsi(), true);
      probe.hit(Tracepoint.INJECT_RAISED, irqfd, 0, LineStatus.of(status));
      return status;
    } finally {
      int _ = now.setIrq(IrqSource.USER, irqfd.gsi(), false);
      probe.hit(Tracepoint.LINE_LOWERED, irqfd);
    }
  }

  /**
   * How an injection went.
   *
   * @param lockNanos how long it held the VM's lock, in nanoseconds
   * @param ended when it was over, on the clock of the event log; 0 while it can be stopped
   */
  private record Pulse(Outcome outcome, long lockNanos, long ended) {
    static final Pulse FAILED = new Pulse(Outcome.FAILED, 0, 0);
  }
}
