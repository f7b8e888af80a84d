package dev.virq.host;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.breakpoint.Breakpoints;
import dev.virq.clock.SandboxClock;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.inflight.ExactWait;
import dev.virq.inflight.InFlightList;
import dev.virq.inflight.PendingSignal;
import dev.virq.inflight.RecentSignals;
import dev.virq.limits.Budget;
import dev.virq.limits.Limits;
import dev.virq.limits.Totals;
import dev.virq.limits.Waiters;
import dev.virq.stats.Counts;
import dev.virq.stats.HostStats;
import dev.virq.stats.StatsProbe;
import dev.virq.trace.Detail;
import dev.virq.trace.EndCause;
import dev.virq.trace.Probe;
import dev.virq.trace.Probes;
import dev.virq.trace.Subject;
import dev.virq.trace.TraceBuffer;
import dev.virq.trace.Tracepoint;
import dev.virq.workqueue.Callers;
import dev.virq.workqueue.WorkQueue;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * One simulated host: the calls that a process could make on eventfds and VMs.
 *
 * <p>Any thread may call. Calls are as synchronous as on Linux: a write has woken its waiter when
 * it returns, a close has closed the descriptor; what continues after that is waited for through
 * {@link #waits()}. Every method answers a refusal with an {@link ErrnoException}, and ECANCELED
 * once the host has been shut down.
 *
 * <p>This class puts the parts together and hands them out. No part is handed the host.
 */
public final class Host {
  private final HostOptions options;
  private final Probes probe;
  private final Breakpoints breakpoints;
  private final StatsProbe stats;
  private final InFlightList inFlight;
  private final Waiters waiters;
  private final CallContext context;
  private final RecentSignals signals;
  private final ExactWait waits;
  private final WorkQueue injection;
  private final WorkQueue cleanup;
  private final VmCalls vms;
  private final ChipCalls chips;
  private final VcpuCalls vcpus;
  private final EventfdCalls eventfds;
  private final IrqfdCalls irqfds;
  private final Shutdown shutdown;
  private final AtomicLong bugs = new AtomicLong();

  /** Boots a host without objects. */
  public Host(HostOptions options) {
    this.options = options;
    Limits limits = options.limits();
    Totals totals = options.totals();
    Budget memory = options.memory();
    this.stats = new StatsProbe(memory);
    this.breakpoints =
        new Breakpoints(
            WorkQueue::sleeping,
            options.clockMillis(),
            memory,
            totals,
            this::breakpointChanged,
            this::watchersChanged);
    // Breakpoints last: a stopped step is already counted and in the log.
    TraceBuffer log = options.log();
    this.probe = new Probes(List.of(options.probe(), stats, log, breakpoints), this::isWatched);
    this.waiters = new Waiters(limits.waiters(), options.waitersTotal());
    this.inFlight =
        new InFlightList(breakpoints::parked, this::seq, options.clockMillis(), waiters);
    this.context = new CallContext(probe, this::seq, inFlight, options.clock());
    this.waits = new ExactWait(inFlight, breakpoints, this::seq);
    this.injection = queue("inject", "injector", options.workers(), totals.injectionsQueued());
    this.cleanup = queue("cleanup", "cleanup", options.cleanupWorkers(), new LongAdder());
    VmTable vmTable = new VmTable(limits.tombstones(), memory);
    IrqfdTable irqfdTable = new IrqfdTable(limits, totals.irqfds(), memory);
    this.signals =
        new RecentSignals(limits.signalsKept(), memory, inFlight, log, options.clockMillis());
    VmIrqfdEvents.Parts parts =
        new VmIrqfdEvents.Parts(injection, cleanup, irqfdTable, signals, options.protocol());
    this.vms = new VmCalls(context, parts, vmTable, limits, totals.vms(), memory);
    this.chips = new ChipCalls(context, vms);
    this.vcpus = new VcpuCalls(vms);
    this.eventfds = new EventfdCalls(context, signals, limits, totals.eventfds(), waiters, memory);
    this.irqfds = new IrqfdCalls(context, vms, eventfds, irqfdTable, memory);
    this.shutdown = new Shutdown(vms, eventfds, irqfds, breakpoints, inFlight, stats);
  }

  private WorkQueue queue(String name, String role, int workers, LongAdder queued) {
    String full = options.name() + "/" + name;
    return new WorkQueue(
        full,
        workers,
        number -> options.threads().forWorker(full, worker(role, number)),
        new Unwatched(role),
        this::bug,
        queued);
  }

  private String worker(String role, int number) {
    return options.name() + "/" + role + "-" + number;
  }

  /** Threads that write or de-assign do the work by themselves, unless somebody looks. */
  private final class Unwatched implements Callers {
    private final String role;

    Unwatched(String role) {
      this.role = role;
    }

    @Override
    public boolean mayRun() {
      return options.threads().callersMayRun() && !isWatched();
    }

    @Override
    public String nameOf(int worker) {
      return worker(role, worker);
    }
  }

  /** Whether somebody looks: then injections are made by workers, and all their steps are told. */
  private boolean isWatched() {
    return options.log().isWatched() || breakpoints.isAny();
  }

  /** Its bounds. */
  public Limits limits() {
    return options.limits();
  }

  /** The bound on the calls that wait, for one that waits for what is not of the simulation. */
  public Waiters waiters() {
    return waiters;
  }

  /** What timers go by. */
  public SandboxClock clock() {
    return options.clock();
  }

  /**
   * Moves the clock of the timers on.
   *
   * @throws ErrnoException EPERM when it goes by itself
   */
  public void advanceClock(long nanos) {
    context.requireAlive();
    if (clock().kind() == SandboxClock.Kind.REAL) {
      throw new ErrnoException(
          Errno.EPERM, "the clock is REAL and goes by itself; only a VIRTUAL one can be moved");
    }
    clock().advance(nanos);
  }

  /**
   * Until {@link #injectAtOnce} was called as often, injections run one after another, in the order
   * in which they were asked for, however many workers there may be.
   */
  public void injectInOrder() {
    injection.inOrder();
  }

  /** Undoes one {@link #injectInOrder}. */
  public void injectAtOnce() {
    injection.atOnce();
  }

  /** The calls on VMs. */
  public VmCalls vms() {
    return vms;
  }

  /** The calls on interrupt controllers and lines. */
  public ChipCalls chips() {
    return chips;
  }

  /** The calls on vCPUs. */
  public VcpuCalls vcpus() {
    return vcpus;
  }

  /** The calls on eventfds. */
  public EventfdCalls eventfds() {
    return eventfds;
  }

  /** The calls on irqfds. */
  public IrqfdCalls irqfds() {
    return irqfds;
  }

  /** The signal of that number; ENOENT when there was none or it is no longer kept. */
  public PendingSignal signal(long number) {
    PendingSignal signal = signals.find(number);
    if (signal == null) {
      throw new ErrnoException(
          Errno.ENOENT, "signal sig-" + Long.toUnsignedString(number) + " is unknown");
    }
    return signal;
  }

  /** The last signals. */
  public RecentSignals signals() {
    return signals;
  }

  // ---- breakpoints, waiting, looking

  /**
   * Arms a breakpoint.
   *
   * @throws ErrnoException EINVAL where threads cannot be stopped, EMFILE past the limits
   */
  public Breakpoint setBreakpoint(Breakpoint.Spec spec) {
    context.requireAlive();
    Limits limits = options.limits();
    if (!spec.point().stoppable()) {
      throw new ErrnoException(
          Errno.EINVAL,
          "point %s cannot have a breakpoint: a thread there holds %s"
              .formatted(spec.point().pointName(), spec.point().locks()));
    }
    // A caller that does a worker's work is not to be stopped: it may be the one to let go.
    return injection.withoutCallers(() -> cleanup.withoutCallers(() -> setWithin(limits, spec)));
  }

  private Breakpoint setWithin(Limits limits, Breakpoint.Spec spec) {
    // It may have waited.
    context.requireAlive();
    // One at a time, so that the bounds hold for callers that race.
    synchronized (breakpoints) {
      if (breakpoints.list().size() >= limits.breakpoints()) {
        throw new ErrnoException(
            Errno.EMFILE, "limit of " + limits.breakpoints() + " breakpoints reached");
      }
      if (breakpoints.capacity() + spec.hits() > limits.heldThreads()) {
        throw new ErrnoException(
            Errno.EMFILE,
            "hits "
                + spec.hits()
                + " would exceed the limit of "
                + limits.heldThreads()
                + " held threads");
      }
      return breakpoints.set(spec);
    }
  }

  /** The breakpoints. */
  public Breakpoints breakpoints() {
    return breakpoints;
  }

  /** Exact waiting. */
  public ExactWait waits() {
    return waits;
  }

  /** Number of the newest event. */
  public long seq() {
    return options.log().seq();
  }

  /** How many objects there are. */
  public Counts counts() {
    return shutdown.counts();
  }

  /** Signals accepted, signals by outcome, and grace periods. */
  public HostStats stats() {
    // Outcomes first: a signal counted there was accepted before, so the sum never runs ahead.
    var outcomes = stats.byOutcome();
    return new HostStats(
        signals.accepted(),
        outcomes,
        stats.gracePeriods(),
        injection.depth(),
        cleanup.depth(),
        bugs.get());
  }

  /** Broken invariants so far; anything but 0 is a bug in virq. */
  public long bugs() {
    return bugs.get();
  }

  /**
   * Ends everything: releases every hold, closes every descriptor, waits until all is gone.
   *
   * @param cause what ended the bindings
   * @param refusal what calls under way and later ones are answered
   * @param timeoutNanos how long to wait at most, in nanoseconds
   */
  public ShutdownReport shutDown(EndCause cause, ErrnoException refusal, long timeoutNanos) {
    context.end(refusal, cause);
    ShutdownReport report = shutdown.run(refusal, timeoutNanos);
    vms.forgetReleased();
    irqfds.forgetFreed();
    signals.end();
    stats.end();
    breakpoints.end();
    return report;
  }

  /**
   * Arms the breakpoints of another host, which is about to be shut down, before any call comes.
   *
   * @throws ErrnoException EMFILE, ENFILE when hits that were used up there do not fit in memory
   *     again; nothing is changed then
   */
  public void takeOverBreakpoints(Host other) {
    breakpoints.takeOver(other.breakpoints);
  }

  /**
   * Lets every thread go, for good, and ends every wait.
   *
   * @param refusal what waiting calls are answered
   */
  public void beginDrain(ErrnoException refusal) {
    shutdown.release(refusal);
  }

  /**
   * As {@link #beginDrain}, refuses every call from now on, and waits until nothing is in flight.
   * Objects stay.
   *
   * @param timeoutNanos how long to wait at most, in nanoseconds
   * @return whether nothing is in flight
   */
  public boolean drain(ErrnoException refusal, long timeoutNanos) {
    shutdown.release(refusal);
    // Before the wait: callers that carried on as usual would keep it from ending.
    context.end(refusal);
    return inFlight.awaitQuiet(timeoutNanos) == InFlightList.Verdict.MET;
  }

  /**
   * Makes what another host had. Meanwhile the log, kept signals and statistics take no more
   * memory: a full host could otherwise not be made again.
   */
  public void restore(Runnable objects) {
    options.memory().restoring(true);
    try {
      objects.run();
    } finally {
      options.memory().restoring(false);
    }
  }

  /** What sees every step of this host. */
  public Probe probe() {
    return probe;
  }

  /**
   * From here on the log tells this host who looks, and no other. To be called when it is the one
   * that its sandbox has.
   */
  public void followWatchers() {
    options.log().onWatch(probe::look);
    probe.look();
  }

  private void watchersChanged() {
    probe.look();
  }

  private void breakpointChanged(Tracepoint event, Subject subject, long breakpoint) {
    probe.hit(event, subject, breakpoint, Detail.NONE);
    inFlight.changed();
  }

  private void bug(Throwable bug) {
    bugs.incrementAndGet();
    options.bugs().accept(bug);
  }
}
