package dev.virq.inflight;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.breakpoint.Breakpoint;
import dev.virq.irqfd.Irqfd;
import dev.virq.irqfd.IrqfdState;
import dev.virq.irqfd.TearDown;
import dev.virq.trace.EndCause;
import dev.virq.trace.Held;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A close or a de-assign under way: over when every binding it ends is gone. Any thread. */
public final class PendingClose extends InFlight {
  /** What is ended. */
  public enum Kind {
    /** The eventfd's descriptors. */
    EVENTFD,
    /** The VM's descriptor. */
    VM,
    /** One binding. */
    DEASSIGN
  }

  /**
   * What it has done so far.
   *
   * @param lastReference whether it closed the last descriptor
   * @param released the bindings that are gone
   * @param vmRefsDropped references to VMs dropped
   * @param vmFreed numbers of the VMs destroyed by that
   * @param gracePeriodNanos the longest grace period, in nanoseconds
   * @param flushNanos the longest flush, in nanoseconds
   * @param waitedForReaders read sections that the grace periods found open
   * @param settled whether it is over
   */
  public record Report(
      boolean lastReference,
      List<Irqfd> released,
      long vmRefsDropped,
      List<Long> vmFreed,
      long gracePeriodNanos,
      long flushNanos,
      long waitedForReaders,
      boolean settled) {}

  private final InFlightList inFlight;
  private final Kind kind;
  private final String id;
  private final long vmId;
  private final long eventfdId;
  private final boolean lastReference;
  private final long sinceMillis;

  /** The bindings it ends; set once by the engine. */
  private final AtomicReference<List<Irqfd>> irqfds = new AtomicReference<>(List.of());

  // Volatile, all three: set by a clean-up worker, read by callers that look or wait.

  /** Whether the VM's own reference was dropped. */
  private volatile boolean vmPut;

  /** Whether that was the last one. */
  private volatile boolean vmFreed;

  /** Whether everything is dropped. */
  private volatile boolean ended;

  /** Whether somebody ends it. */
  @GuardedBy("this")
  private boolean claimed;

  private PendingClose(
      InFlightList inFlight,
      Kind kind,
      String id,
      long vmId,
      long eventfdId,
      boolean lastReference) {
    this.inFlight = inFlight;
    this.kind = kind;
    this.id = id;
    this.vmId = vmId;
    this.eventfdId = eventfdId;
    this.lastReference = lastReference;
    this.sinceMillis = inFlight.nowMillis();
  }

  /** The close of a VM's descriptor. */
  public static PendingClose ofVm(InFlightList inFlight, long vm) {
    return new PendingClose(inFlight, Kind.VM, "vm-" + vm, vm, 0, true);
  }

  /**
   * The close of descriptors of an eventfd, or of a pipe.
   *
   * @param eventfd its number; 0 for a pipe
   * @param id names it
   * @param lastReference whether no descriptor is left
   */
  public static PendingClose ofEventfd(
      InFlightList inFlight, long eventfd, String id, boolean lastReference) {
    return new PendingClose(inFlight, Kind.EVENTFD, id, 0, eventfd, lastReference);
  }

  /** The end of a binding of an eventfd to a line of a VM. */
  public static PendingClose ofBinding(InFlightList inFlight, long vm, long eventfd) {
    return new PendingClose(inFlight, Kind.DEASSIGN, "efd-" + eventfd, vm, eventfd, false);
  }

  /** What it has done so far. */
  public Report report() {
    boolean over = ended;
    List<Irqfd> gone = irqfds.get();
    long refs = vmPut ? 1 : 0;
    Set<Long> freed = new TreeSet<>();
    if (vmFreed) {
      freed.add(vmId);
    }
    TearDown took = TearDown.NONE;
    for (Irqfd irqfd : gone) {
      TearDown tearDown = irqfd.tearDown();
      refs++;
      took = took.and(tearDown);
      if (tearDown.vmFreed()) {
        freed.add(irqfd.vmId());
      }
    }
    return new Report(
        lastReference,
        over ? gone : List.of(),
        over ? refs : 0,
        List.copyOf(freed),
        took.gracePeriodNanos(),
        took.flushNanos(),
        took.waitedForReaders(),
        over);
  }

  /** What the ends of its bindings took, together: the longest of each wait, and all readers. */
  public TearDown took() {
    TearDown all = TearDown.NONE;
    for (Irqfd irqfd : irqfds.get()) {
      all = all.and(irqfd.tearDown());
    }
    return all;
  }

  /** How many bindings it ends. */
  public int bindings() {
    return irqfds.get().size();
  }

  /** Sets the bindings that it ends; called once. */
  public void ends(List<Irqfd> bindings) {
    irqfds.set(bindings);
    inFlight.changed();
  }

  /** The VM's own reference was dropped. */
  public void vmPut(boolean freed) {
    vmPut = true;
    vmFreed = freed;
  }

  /**
   * Claims the end of a close that two could end: whoever releases the file, and who leaves the
   * file to a read that sleeps.
   *
   * @return whether the caller is the first
   */
  public synchronized boolean claimEnd() {
    boolean first = !claimed;
    claimed = true;
    return first;
  }

  /** Everything is dropped. */
  public void finish() {
    ended = true;
    inFlight.end(this);
  }

  @Override
  public Pending describe() {
    return new Pending("close", id, sinceMillis, stage());
  }

  private Stage stage() {
    @Nullable IrqfdState slowest = null;
    for (Irqfd irqfd : irqfds.get()) {
      IrqfdState state = irqfd.info().state();
      if (irqfd.awaitsReaders() || irqfd.awaitsInjections()) {
        // Read again: it may have moved on before it began to wait.
        return Stage.of(irqfd.info().state());
      }
      if (slowest == null || state.compareTo(slowest) < 0) {
        slowest = state;
      }
    }
    // Without a binding so far, what keeps it is a call under way that uses the descriptor.
    return slowest == null ? Stage.REFERENCED : Stage.of(slowest);
  }

  @Override
  boolean behind(Breakpoint.Parked thread) {
    Tracepoint point = thread.point();
    if (point == Tracepoint.ASSIGN_LISTED || point == Tracepoint.ASSIGN_BEFORE_FPUT) {
      return keepsFile(thread);
    }
    Irqfd ending = ending(thread.subject());
    if (point.injecting()) {
      return ending != null && awaits(ending, thread);
    }
    if (othersSever(thread)) {
      // As with injections: until it has lost the swap and waits, it makes progress.
      return ending != null && ending.awaitsSevered();
    }
    return switch (kind) {
      case EVENTFD, DEASSIGN -> ending != null;
      case VM -> thread.subject().vmId() == vmId && !othersOwnTearDown(thread);
    };
  }

  /** Whether the thread severs an irqfd from its VM because the other side is closed. */
  private boolean othersSever(Breakpoint.Parked thread) {
    boolean severs =
        switch (thread.point()) {
          case DISCONNECT_SWAPPED,
              DISCONNECT_UNLISTED,
              SYNC_BEGIN,
              SYNC_FLIPPED,
              SYNC_END,
              PUT_VM ->
              true;
          default -> false;
        };
    if (!severs || !(thread.detail() instanceof EndCause cause)) {
      return false;
    }
    return switch (cause) {
      case VM_RELEASE -> kind != Kind.VM;
      case HANGUP, DEASSIGN -> kind == Kind.VM;
      // Both sides are closed by one caller.
      case RESET, LEASE -> false;
    };
  }

  /** Whether an assign that is held keeps the file whose last descriptor this closed. */
  private boolean keepsFile(Breakpoint.Parked thread) {
    return irqfds.get().isEmpty()
        && switch (kind) {
          case EVENTFD -> eventfdId != 0 && thread.subject().eventfdId() == eventfdId;
          case VM -> thread.subject().vmId() == vmId;
          case DEASSIGN -> false;
        };
  }

  /**
   * Whether the end of an irqfd waits now for the injection that is held. It will have to; but
   * until it does it makes progress, and its stage would be reported wrong.
   */
  private boolean awaits(Irqfd irqfd, Breakpoint.Parked thread) {
    boolean reading = thread.point().holds().contains(Held.SRCU_READ);
    if (reading && irqfd.awaitsReaders()) {
      return true;
    }
    // A VM's close leaves the flush to the owner of the tear-down.
    return irqfd.awaitsInjections() && (kind != Kind.VM || irqfd.cause() == EndCause.VM_RELEASE);
  }

  /** The binding that a step is about, if this ends it. */
  private @Nullable Irqfd ending(Subject subject) {
    for (Irqfd one : irqfds.get()) {
      if (one.irqfdId() == subject.irqfdId()) {
        return one;
      }
    }
    return null;
  }

  /** A tear-down that the VM's close does not wait for. */
  private boolean othersOwnTearDown(Breakpoint.Parked thread) {
    if (thread.detail() == EndCause.VM_RELEASE) {
      return false;
    }
    return switch (thread.point()) {
      // Before severing the VM's close severs in its place; after it, nothing of the VM is used.
      case HUP_UNHOOKED, HUP_FLUSHED, FREE_IRQFD -> true;
      // Off the list: the close waits for it only if it took the list before.
      case DISCONNECT_UNLISTED, SYNC_BEGIN, SYNC_FLIPPED, SYNC_END, PUT_VM ->
          ending(thread.subject()) == null;
      default -> false;
    };
  }
}
