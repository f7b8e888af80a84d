package dev.virq.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.host.HostOptions;
import dev.virq.host.VmFile;
import dev.virq.inflight.ExactWait;
import dev.virq.inflight.PendingClose;
import dev.virq.inflight.PendingSignal;
import dev.virq.irqfd.Irqfd;
import dev.virq.trace.Detail;
import dev.virq.trace.Probe;
import dev.virq.trace.Probes;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import dev.virq.workqueue.Workers;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A system to drive into an exact interleaving: everything is recorded, threads are held where the
 * test says, and {@link #close} checks all laws.
 */
public final class RaceRig implements AutoCloseable {
  /** Looks at a thread in a row that have to find it asleep: one alone may be a short lock. */
  private static final int STEADY = 200;

  /** How often a wait looks for bugs that the system has noticed. */
  private static final long SLICE_NANOS = 50_000_000;

  private static final Logger KERNEL_LOG = Logger.getLogger(HostOptions.class.getName());

  /**
   * A VM, an eventfd, and the irqfd that binds them.
   *
   * @param irqfd the binding
   */
  public record Pair(VmFile vm, EventfdName eventfd, Irqfd irqfd) {}

  /**
   * A call that is held: its own thread, or the one that does its work.
   *
   * @param breakpoint what holds it
   * @param call what it returned meanwhile
   */
  public record Held<T>(Breakpoint breakpoint, T call) {}

  private final RecordingProbe recording = new RecordingProbe();
  private final Invariants invariants = new Invariants();
  private final Map<Tracepoint, Consumer<Subject>> actions = new ConcurrentHashMap<>();
  private final Host host;

  /** Workers started and not ended: an idle queue has none. */
  private final AtomicInteger running = new AtomicInteger();

  private long expectedBugs;

  /** Boots a system with so many workers of each kind. */
  public RaceRig(int workers) {
    this(workers, Workers.virtual());
  }

  /** Boots a system whose workers are started so. */
  public RaceRig(int workers, Workers threads) {
    this(workers, threads, true);
  }

  private RaceRig(int workers, Workers threads, boolean recorded) {
    host =
        TestHosts.boot(
            workers,
            new Probes(List.of(recorded ? recording : Probe.NONE, invariants, this::act)),
            new Workers() {
              @Override
              public Executor forWorker(String queue, String worker) {
                return counted(threads.forWorker(queue, worker));
              }

              @Override
              public boolean callersMayRun() {
                return threads.callersMayRun();
              }
            },
            TestLimits.defaults());
  }

  /** Boots a system that may do so much that no record of it would fit. */
  public static RaceRig unrecorded(int workers) {
    return new RaceRig(workers, Workers.virtual(), false);
  }

  /** Boots a system whose injections run when the test says so, all else by itself. */
  public static RaceRig injectingBy(ManualExecutor injections) {
    Workers rest = Workers.virtual();
    return new RaceRig(
        1,
        (queue, worker) -> queue.endsWith("/inject") ? injections : rest.forWorker(queue, worker));
  }

  private Executor counted(Executor workers) {
    return task ->
        workers.execute(() -> {
          running.incrementAndGet();
          try {
            task.run();
          } finally {
            running.decrementAndGet();
          }
        });
  }

  /** The system. */
  public Host host() {
    return host;
  }

  /** What happened. */
  public RecordingProbe seen() {
    return recording;
  }

  /** A new VM with the full controller. */
  public VmFile vm() {
    return TestHosts.vm(host);
  }

  /** A new eventfd whose counter is 0. */
  public EventfdName eventfd() {
    return TestHosts.eventfd(host);
  }

  /** Binds, plainly. */
  public Irqfd assign(VmFile vm, EventfdName eventfd, long gsi) {
    return host.irqfds().assign(vm.id(), eventfd, gsi, null);
  }

  /** De-assigns. */
  public PendingClose deassign(VmFile vm, EventfdName eventfd, long gsi) {
    return host.irqfds().deassign(vm.id(), eventfd, gsi);
  }

  /** Closes a VM. */
  public PendingClose closeVm(VmFile vm) {
    return host.vms().close(vm.id());
  }

  /** Closes an eventfd. */
  public PendingClose closeEventfd(EventfdName eventfd) {
    return host.eventfds().close(eventfd);
  }

  /** Writes 1. */
  public PendingSignal write(EventfdName eventfd) {
    return host.eventfds().write(eventfd, 1);
  }

  /** A new VM and a new eventfd, bound plainly to a line. */
  public Pair boundPair(long gsi) {
    return boundPair(vm(), gsi);
  }

  /** A new eventfd, bound plainly to a line of a VM. */
  public Pair boundPair(VmFile vm, long gsi) {
    EventfdName eventfd = eventfd();
    return new Pair(vm, eventfd, assign(vm, eventfd, gsi));
  }

  /** Makes a call and waits until it is held at a tracepoint. */
  public <T> Held<T> heldAt(Tracepoint point, Supplier<T> call) {
    return heldBy(hold(point), call);
  }

  /** Makes a call and waits until it is held at a tracepoint on behalf of an irqfd. */
  public <T> Held<T> heldAt(Tracepoint point, Irqfd irqfd, Supplier<T> call) {
    return heldBy(hold(point, irqfd), call);
  }

  private <T> Held<T> heldBy(Breakpoint breakpoint, Supplier<T> call) {
    T made = call.get();
    Thread _ = held(breakpoint);
    return new Held<>(breakpoint, made);
  }

  /** Writes 1 and waits until its injection, a reader of the VM's pointer, is held. */
  public Held<PendingSignal> heldReader(Pair pair, Tracepoint point) {
    return heldAt(point, pair.irqfd(), () -> write(pair.eventfd()));
  }

  /** Assigns on a thread of its own and waits until that is held. */
  public Held<Thread> heldAssign(VmFile vm, EventfdName eventfd, long gsi, Tracepoint point) {
    return heldAt(point, () -> Thread.ofVirtual().start(() -> assign(vm, eventfd, gsi)));
  }

  /** Lets a held call go. */
  public void release(Held<?> held) {
    release(held.breakpoint());
  }

  /** Runs something on every thread that passes a tracepoint; it may throw to make a step fail. */
  public void on(Tracepoint point, Consumer<Subject> action) {
    actions.put(point, action);
  }

  /** Holds the next thread that comes by. */
  public Breakpoint hold(Tracepoint point) {
    return host.setBreakpoint(Breakpoint.Spec.hold(point));
  }

  /** Holds the next thread that comes by on behalf of an irqfd. */
  public Breakpoint hold(Tracepoint point, Irqfd irqfd) {
    Breakpoint.Spec any = Breakpoint.Spec.hold(point);
    return host.setBreakpoint(
        new Breakpoint.Spec(
            point,
            new Breakpoint.Match(0, irqfd.irqfdId(), 0, -1),
            any.action(),
            any.delayNanos(),
            any.skip(),
            any.hits(),
            any.maxHoldNanos()));
  }

  /** Waits until a breakpoint holds a thread; returns the thread. */
  public Thread held(Breakpoint breakpoint) {
    host.waits().parked(breakpoint.id(), 1, TestHosts.LONG);
    return recording.last(breakpoint.spec().point()).thread();
  }

  /** Lets the thread that a breakpoint holds go. */
  public void release(Breakpoint breakpoint) {
    assertThat(host.breakpoints().release(breakpoint.id(), 1)).isNotNull();
  }

  /** Waits until a thread sleeps and nothing but another thread's progress can wake it. */
  public static void awaitAsleep(Thread thread) {
    int looks = 0;
    long deadline = System.nanoTime() + TestHosts.LONG;
    while (looks < STEADY) {
      looks = thread.getState() == Thread.State.WAITING ? looks + 1 : 0;
      expire(deadline);
    }
  }

  /** Waits until something is so, or a thread sleeps and it cannot become so. */
  public static void awaitAsleepOr(Thread thread, BooleanSupplier so) {
    int looks = 0;
    long deadline = System.nanoTime() + TestHosts.LONG;
    while (looks < STEADY && !so.getAsBoolean()) {
      looks = thread.getState() == Thread.State.WAITING ? looks + 1 : 0;
      expire(deadline);
    }
  }

  /** Waits until something is so. */
  public static void await(BooleanSupplier so) {
    Await.until(so);
  }

  private static void expire(long deadline) {
    if (System.nanoTime() - deadline > 0) {
      throw new AssertionError("thread not asleep in time");
    }
    Thread.onSpinWait();
  }

  /** Demands that a close cannot end before a held thread goes on. */
  public void requireHeld(PendingClose close) {
    assertThat(host.waits().over(close, TestHosts.LONG)).isEqualTo(ExactWait.Progress.HELD);
  }

  /** Waits until a close is over; gives up at once when the system has noticed a bug. */
  public void over(PendingClose close) {
    long deadline = System.nanoTime() + TestHosts.LONG;
    ExactWait.Progress progress;
    do {
      assertThat(host.bugs()).as("bugs").isLessThanOrEqualTo(expectedBugs);
      progress = host.waits().over(close, SLICE_NANOS);
    } while (progress == ExactWait.Progress.PENDING && System.nanoTime() - deadline < 0);
    assertThat(progress).isEqualTo(ExactWait.Progress.SETTLED);
  }

  /**
   * Waits until nothing is in flight, what began meanwhile included; gives up at once when the
   * system has noticed a bug.
   */
  public void settle() {
    long deadline = System.nanoTime() + TestHosts.LONG;
    while (!host.waits().pending().isEmpty()) {
      assertThat(host.bugs()).as("bugs").isLessThanOrEqualTo(expectedBugs);
      try {
        host.waits().settled(SLICE_NANOS);
      } catch (ErrnoException e) {
        if (e.errno() != Errno.ETIMEDOUT || System.nanoTime() - deadline > 0) {
          throw e;
        }
      }
    }
  }

  /** So many injections will be made to fail; what the system logs of them is kept quiet. */
  public void expectBugs(long bugs) {
    expectedBugs = bugs;
    KERNEL_LOG.setLevel(Level.OFF);
  }

  /** Lets every held thread go, waits until nothing is in flight, and checks all laws. */
  @Override
  public void close() {
    try {
      host.breakpoints().disarm();
      settle();
      // What nobody waits for ends too: a second tear-down shows only then.
      await(() -> running.get() == 0);
      invariants.check(host, expectedBugs);
    } finally {
      KERNEL_LOG.setLevel(null);
    }
  }

  private void act(Tracepoint point, Subject subject, long value, Detail detail) {
    Consumer<Subject> action = actions.get(point);
    if (action != null) {
      action.accept(subject);
    }
  }
}
