package dev.virq.trace;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A named place in the signal and close paths.
 *
 * <p>Those with a {@link #pointName} are the catalogue that a client can stop a thread at, unless a
 * lock is held there. Those with an {@link #eventType} are written to the event log, some of them
 * only while somebody looks: {@link #forWatchers}. The others only observers within the process
 * see.
 */
public enum Tracepoint {
  // The places in the 2009 patch, in the order in which its reader meets them.
  WAKEUP_POLLIN("wakeup.pollin", "irqfd_wakeup, POLLIN", null, null, Held.WAIT_QUEUE_LOCK),
  WAKEUP_POLLHUP("wakeup.pollhup", "irqfd_wakeup, POLLHUP", null, null, Held.WAIT_QUEUE_LOCK),
  INJECT_AT_ONCE(
      "inject.atOnce",
      "irqfd_wakeup of today's kernel, kvm_arch_set_irq_inatomic",
      null,
      "inject-at-once",
      Held.WAIT_QUEUE_LOCK,
      Held.SRCU_READ),
  INJECT_ENTER("inject.enter", "irqfd_inject, before srcu_read_lock", null, null),
  INJECT_LOCKED("inject.locked", "after srcu_read_lock", null, "inject-begin", Held.SRCU_READ),
  INJECT_DEREFERENCED(
      "inject.dereferenced",
      "after rcu_dereference(irqfd->kvm)",
      "[4]",
      "inject-dereferenced",
      Held.SRCU_READ),
  INJECT_MUTEX(
      "inject.mutex", "kvm->lock taken", null, "lock-begin", Held.SRCU_READ, Held.KVM_LOCK),
  INJECT_RAISED(
      "inject.raised",
      "between set_irq 1 and 0",
      null,
      "line-raised",
      Held.SRCU_READ,
      Held.KVM_LOCK),
  INJECT_LOWERED(
      "inject.lowered", "before srcu_read_unlock", "[1]", "inject-lowered", Held.SRCU_READ),
  HUP_UNHOOKED("hup.unhooked", "after remove_wait_queue", null, "irqfd-unhooked"),
  HUP_FLUSHED("hup.flushed", "after flush_work", null, "flush-end"),
  DISCONNECT_SWAPPED("disconnect.swapped", "irqfd->kvm is NULL", "[2]", "irqfd-disconnected"),
  DISCONNECT_UNLISTED("disconnect.unlisted", "after list_del", null, "irqfd-unlisted"),
  SYNC_BEGIN("sync.begin", "before synchronize_srcu", null, "grace-begin"),
  SYNC_FLIPPED("sync.flipped", "in synchronize_srcu, between the scans", null, "grace-flipped"),
  SYNC_END("sync.end", "synchronize_srcu has returned", "[3]", "grace-end"),
  PUT_VM("put.vm", "before kvm_put_kvm", null, "vm-put"),
  FREE_IRQFD("free.irqfd", "before kfree(irqfd)", null, "irqfd-freed"),
  ASSIGN_LISTED("assign.listed", "kvm_irqfd, after list_add_tail", null, "irqfd-assigned"),
  ASSIGN_BEFORE_FPUT(
      "assign.beforeFput", "kvm_irqfd, \"we might race against the POLLHUP\"", null, null),
  RELEASE_BEGIN("release.begin", "kvm_irqfd_release, the VM side closing", null, "release-begin"),

  // What only observers within the process see.
  VM_OPENED("vm-opened"),
  VM_CLOSING("vm-closing"),
  VM_RELEASED("vm-released"),
  EVENTFD_OPENED("eventfd-opened"),
  EVENTFD_SIGNALLED("eventfd-signalled"),
  EVENTFD_CLOSED("eventfd-closed"),
  IRQFD_DEASSIGNED("irqfd-deassigned"),
  SIGNAL_FINISHED("inject-end"),
  LINE_SET("line-set"),
  RESAMPLED("irqfd-resampled"),
  BREAKPOINT_PARKED("breakpoint-parked"),
  BREAKPOINT_RELEASED("breakpoint-released"),
  BREAKPOINT_EXPIRED("breakpoint-expired"),
  SANDBOX_RESET("sandbox-reset"),

  // The remaining steps of a signal and of a close.
  SIGNAL_QUEUED("signal-queued", Held.WAIT_QUEUE_LOCK),
  SIGNAL_ANSWERED(),
  INJECT_SEVERED("inject-skipped", Held.SRCU_READ),
  LINE_LOWERED("line-lowered", Held.SRCU_READ, Held.KVM_LOCK),
  LOCK_RELEASED("lock-end", Held.SRCU_READ),
  INJECT_UNLOCKED(),
  HUP_FLUSHING("flush-begin");

  private final @Nullable String pointName;
  private final String where;
  private final @Nullable String mark;
  private final @Nullable String eventType;

  @SuppressWarnings("ImmutableEnumChecker") // never changed after the constructor
  private final Set<Held> holds;

  /** Kept: a host asks for each point when it boots. */
  private final boolean stoppable;

  Tracepoint(
      String pointName,
      String where,
      @Nullable String mark,
      @Nullable String eventType,
      Held... holds) {
    this.pointName = pointName;
    this.where = where;
    this.mark = mark;
    this.eventType = eventType;
    this.holds = setOf(holds);
    this.stoppable = pointName != null && locks().isEmpty();
  }

  Tracepoint(Held... holds) {
    this.pointName = null;
    this.where = "";
    this.mark = null;
    this.eventType = null;
    this.holds = setOf(holds);
    this.stoppable = pointName != null && locks().isEmpty();
  }

  Tracepoint(String eventType, Held... holds) {
    this.pointName = null;
    this.where = "";
    this.mark = null;
    this.eventType = eventType;
    this.holds = setOf(holds);
    this.stoppable = false;
  }

  /**
   * The name in the catalogue of points, such as {@code inject.dereferenced}; null when not in it.
   */
  public @Nullable String pointName() {
    return pointName;
  }

  /** The place in the 2009 patch. */
  public String where() {
    return where;
  }

  /** The mark of the 2009 patch for the place, {@code [1]} to {@code [4]}, or null. */
  public @Nullable String mark() {
    return mark;
  }

  /** The type of the log's event, such as {@code vm-opened}; null when the log leaves it out. */
  public @Nullable String eventType() {
    return eventType;
  }

  /**
   * Whether the log has it only while somebody looks. The others tell what has happened; with these
   * one sees how. Each signal would be dearer with them, and the log's room sooner used up.
   */
  public boolean forWatchers() {
    return switch (this) {
      case SIGNAL_QUEUED,
          INJECT_AT_ONCE,
          INJECT_DEREFERENCED,
          INJECT_SEVERED,
          INJECT_MUTEX,
          INJECT_RAISED,
          LINE_LOWERED,
          LOCK_RELEASED,
          INJECT_LOWERED,
          RELEASE_BEGIN,
          HUP_FLUSHING,
          HUP_FLUSHED,
          DISCONNECT_UNLISTED,
          SYNC_FLIPPED,
          PUT_VM ->
          true;
      default -> false;
    };
  }

  /** What a thread at this place holds. */
  public Set<Held> holds() {
    return holds;
  }

  /** What the value of a hit is. */
  public Value value() {
    return switch (this) {
      case INJECT_AT_ONCE, INJECT_LOCKED, INJECT_DEREFERENCED, INJECT_SEVERED, INJECT_LOWERED ->
          Value.SRCU_INDEX;
      case HUP_FLUSHED, SYNC_END, SIGNAL_FINISHED -> Value.NANOS;
      case SYNC_BEGIN -> Value.READERS;
      case VM_OPENED, VM_CLOSING, VM_RELEASED -> Value.REFERENCES;
      case EVENTFD_SIGNALLED -> Value.COUNTER;
      case LINE_SET -> Value.LEVEL;
      case BREAKPOINT_PARKED, BREAKPOINT_RELEASED, BREAKPOINT_EXPIRED -> Value.BREAKPOINT;
      default -> Value.NOTHING;
    };
  }

  /** What the value of a hit may be. */
  public enum Value {
    /** Always 0. */
    NOTHING,
    /** The index of the read section that the thread is in. */
    SRCU_INDEX,
    /** Read sections that were open. */
    READERS,
    /** A duration in nanoseconds. */
    NANOS,
    /** References to the VM. */
    REFERENCES,
    /** The eventfd's counter after the write, unsigned. */
    COUNTER,
    /** The level that the line was set to, 0 or 1. */
    LEVEL,
    /** Number of the breakpoint. */
    BREAKPOINT
  }

  /**
   * Whether a thread may be stopped here. Under a lock it may not: that would freeze strangers. A
   * read section is not a lock; stopping inside one is what this project is for.
   */
  public boolean stoppable() {
    return stoppable;
  }

  /** The locks among what a thread at this place holds, by their names for people. */
  public List<String> locks() {
    return holds.stream().filter(held -> held != Held.SRCU_READ).map(Held::label).toList();
  }

  /** Whether a thread here is a reader or about to become one: on its way through irqfd_inject. */
  public boolean injecting() {
    return pointName != null && pointName.startsWith("inject.");
  }

  /** The point of that name, or null. */
  public static @Nullable Tracepoint point(String name) {
    for (Tracepoint tracepoint : values()) {
      if (name.equals(tracepoint.pointName)) {
        return tracepoint;
      }
    }
    return null;
  }

  private static Set<Held> setOf(Held... holds) {
    EnumSet<Held> set = EnumSet.noneOf(Held.class);
    set.addAll(Arrays.asList(holds));
    return Collections.unmodifiableSet(set);
  }
}
