package dev.virq.host;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.breakpoint.Breakpoints;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.irqfd.EndCause;
import dev.virq.irqfd.Irqfd;
import dev.virq.irqfd.IrqfdContext;
import dev.virq.trace.Probe;
import dev.virq.trace.Probes;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import dev.virq.workqueue.WorkQueue;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One simulated system: the calls that a process could make on eventfds and VMs.
 *
 * <p>Any thread may call. Calls are as synchronous as on Linux: a write has woken its waiter when
 * it returns, a close has closed the descriptor; what goes on after that is waited for through
 * {@link #waits()}. Every method answers a refusal with an {@link ErrnoException}, and ECANCELED
 * once the kernel was shut down.
 */
public final class Host {
  private static final Logger LOG = System.getLogger(Host.class.getName());

  private final Limits limits;
  private final HostOptions setup;
  private final Probe probe;
  private final Breakpoints breakpoints;
  private final StatsProbe stats = new StatsProbe();
  private final InFlightList settle;
  private final RecentSignals signals;
  private final ExactWait waits;
  private final WorkQueue injection;
  private final WorkQueue cleanup;
  private final VmCalls vms;
  private final ChipCalls chips;
  private final EventfdCalls eventfds;
  private final IrqfdCalls irqfds;
  private final AtomicLong bugs = new AtomicLong();

  /** Why no call works any more, or null; volatile: set once by the one that shuts down. */
  private volatile @Nullable ErrnoException dead;

  /** What a reset or an expired lease calls the causes it ends bindings by. Volatile as dead is. */
  private volatile @Nullable EndCause shutdownCause;

  /** Boots a system without objects. */
  public Host(HostOptions setup) {
    this.setup = setup;
    this.limits = setup.limits();
    this.breakpoints =
        new Breakpoints(WorkQueue::sleeping, setup.clockMillis(), this::breakpointChanged);
    // Breakpoints last: a stopped step is already counted and in the log.
    this.probe = new Probes(List.of(setup.probe(), stats, setup.log(), breakpoints));
    Quota waiters = new Quota("waiting calls", limits.waiters(), Errno.EMFILE, null);
    this.settle = new InFlightList(breakpoints::parked, setup.log()::seq, waiters);
    this.signals = new RecentSignals(limits.signalsKept());
    this.waits = new ExactWait(settle, breakpoints, this::seq);
    this.injection = queue("inject", setup.workers());
    this.cleanup = queue("cleanup", setup.cleanupWorkers());
    this.irqfds = new IrqfdCalls(this, limits, setup.objectsTotal());
    this.eventfds = new EventfdCalls(this, limits, setup.objectsTotal(), waiters);
    this.vms = new VmCalls(this, limits, setup.objectsTotal(), context());
    this.chips = new ChipCalls(vms);
  }

  private WorkQueue queue(String name, int workers) {
    String full = setup.name() + "/" + name;
    return new WorkQueue(full, workers, setup.threads().forQueue(full), this::bug);
  }

  private IrqfdContext context() {
    return new IrqfdContext(
        injection,
        cleanup,
        probe,
        irqfds::hooked,
        eventfd -> new PendingSignal(this, eventfd),
        this::booked,
        settle::changed,
        this::irqfdFreed);
  }

  /** The calls on VMs. */
  public VmCalls vms() {
    return vms;
  }

  /** The calls on interrupt controllers and vCPUs. */
  public ChipCalls chips() {
    return chips;
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

  // ---- breakpoints, waiting, looking

  /**
   * Arms a breakpoint.
   *
   * @throws ErrnoException EINVAL where threads cannot be stopped, EMFILE past the limits
   */
  public Breakpoint setBreakpoint(Breakpoint.Spec spec) {
    requireAlive();
    if (!spec.point().stoppable()) {
      throw new ErrnoException(
          Errno.EINVAL,
          "point %s cannot be stopped at: a thread there holds %s"
              .formatted(spec.point().pointName(), spec.point().holds()));
    }
    // One at a time, so that the bounds hold for callers that race.
    synchronized (breakpoints) {
      if (breakpoints.list().size() >= limits.breakpoints()) {
        throw new ErrnoException(
            Errno.EMFILE, "limit of " + limits.breakpoints() + " breakpoints reached");
      }
      if (breakpoints.capacity() + spec.hits() > limits.heldThreads()) {
        throw new ErrnoException(
            Errno.EMFILE,
            "hits " + spec.hits() + ": limit of " + limits.heldThreads() + " held threads reached");
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
    return setup.log().seq();
  }

  /** How many objects there are. */
  public Counts counts() {
    return new Counts(
        vms.used(),
        eventfds.used(),
        irqfds.used(),
        breakpoints.list().size(),
        breakpoints.parked().size());
  }

  /**
   * How many objects there are.
   *
   * @param vms not released
   * @param eventfds open
   * @param irqfds not freed
   * @param breakpoints armed or not
   * @param parked stopped threads
   */
  public record Counts(long vms, long eventfds, long irqfds, long breakpoints, long parked) {}

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

  /** Injections waiting for a worker. Cheap, unlike {@link #stats()}. */
  public int injectionDepth() {
    return injection.depth();
  }

  /** Broken invariants so far; anything but 0 is a bug in virq. */
  public long bugs() {
    return bugs.get();
  }

  /**
   * Ends everything: releases every hold, closes every descriptor, waits until all is gone.
   *
   * @param cause what the books call it
   * @param refusal what calls under way and later ones are answered
   * @param timeoutNanos how long to wait at most, in nanoseconds
   */
  public ShutdownReport shutDown(EndCause cause, ErrnoException refusal, long timeoutNanos) {
    shutdownCause = cause;
    dead = refusal;
    return new Shutdown(this, settle, stats).run(refusal, timeoutNanos);
  }

  /**
   * Lets every thread go, for good, and ends every wait.
   *
   * @param refusal what waiting calls are answered
   */
  public void beginDrain(ErrnoException refusal) {
    settle.cancel(refusal);
    eventfds.cancelReads();
    breakpoints.close();
  }

  /**
   * As {@link #beginDrain}, refuses every call from now on, and waits until nothing is in flight.
   * Objects stay.
   *
   * @param timeoutNanos how long to wait at most, in nanoseconds
   * @return whether nothing is in flight
   */
  public boolean drain(ErrnoException refusal, long timeoutNanos) {
    beginDrain(refusal);
    // Before the wait: callers that go on as if nothing were would keep it from ending.
    dead = refusal;
    return settle.awaitQuiet(timeoutNanos) == InFlightList.Verdict.MET;
  }

  // ---- for this package

  public Probe probe() {
    return probe;
  }

  InFlightList settle() {
    return settle;
  }

  RecentSignals signals() {
    return signals;
  }

  long nowMillis() {
    return setup.clockMillis().getAsLong();
  }

  @Nullable LineCounters gsiCounters(long vm, long gsi) {
    return vms.gsiCounters(vm, gsi);
  }

  void requireAlive() {
    ErrnoException refusal = dead;
    if (refusal != null) {
      throw refusal;
    }
  }

  private void irqfdFreed(Irqfd irqfd) {
    irqfds.freed(irqfd);
    settle.changed();
  }

  private EndCause booked(EndCause cause) {
    EndCause shutdown = shutdownCause;
    return shutdown == null ? cause : shutdown;
  }

  private void breakpointChanged(Tracepoint event, Subject subject, long breakpoint) {
    probe.hit(event, subject, breakpoint, null);
    settle.changed();
  }

  private void bug(Throwable bug) {
    bugs.incrementAndGet();
    LOG.log(Level.ERROR, "invariant broken in " + setup.name(), bug);
  }
}
