package dev.virq.trace;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A named place in the signal and close paths.
 *
 * <p>Those with a {@link #pointName} are the catalogue that a client can stop a thread at, unless a
 * lock is held there. Those with an {@link #eventType} are written to the event log.
 */
public enum Tracepoint {
  // The places in the 2009 patch, in the order in which its reader meets them.
  WAKEUP_POLLIN("wakeup.pollin", "irqfd_wakeup, POLLIN", null, null, "eventfd-wq-lock"),
  WAKEUP_POLLHUP("wakeup.pollhup", "irqfd_wakeup, POLLHUP", null, null, "eventfd-wq-lock"),
  INJECT_AT_ONCE(
      "inject.atOnce",
      "irqfd_wakeup of today's kernel, kvm_arch_set_irq_inatomic",
      null,
      null,
      "eventfd-wq-lock",
      "srcu-read"),
  INJECT_ENTER("inject.enter", "irqfd_inject, before srcu_read_lock", null, null),
  INJECT_LOCKED("inject.locked", "after srcu_read_lock", null, "inject-begin", "srcu-read"),
  INJECT_DEREFERENCED(
      "inject.dereferenced", "after rcu_dereference(irqfd->kvm)", "[4]", null, "srcu-read"),
  INJECT_MUTEX("inject.mutex", "kvm->lock taken", null, null, "srcu-read", "kvm-lock"),
  INJECT_RAISED("inject.raised", "between set_irq 1 and 0", null, null, "srcu-read", "kvm-lock"),
  INJECT_LOWERED("inject.lowered", "before srcu_read_unlock", "[1]", null, "srcu-read"),
  HUP_UNHOOKED("hup.unhooked", "after remove_wait_queue", null, "irqfd-unhooked"),
  HUP_FLUSHED("hup.flushed", "after flush_work", null, null),
  DISCONNECT_SWAPPED("disconnect.swapped", "irqfd->kvm is NULL", "[2]", "irqfd-disconnected"),
  DISCONNECT_UNLISTED("disconnect.unlisted", "after list_del", null, null),
  SYNC_BEGIN("sync.begin", "before synchronize_srcu", null, "grace-begin"),
  SYNC_FLIPPED("sync.flipped", "in synchronize_srcu, between the scans", null, null),
  SYNC_END("sync.end", "synchronize_srcu has returned", "[3]", "grace-end"),
  PUT_VM("put.vm", "before kvm_put_kvm", null, null),
  FREE_IRQFD("free.irqfd", "before kfree(irqfd)", null, "irqfd-freed"),
  ASSIGN_LISTED("assign.listed", "kvm_irqfd, after list_add_tail", null, "irqfd-assigned"),
  ASSIGN_BEFORE_FPUT(
      "assign.beforeFput", "kvm_irqfd, \"we might race against the POLLHUP\"", null, null),
  RELEASE_BEGIN("release.begin", "kvm_irqfd_release, the VM side closing", null, null),

  // What only the meters and the event log see.
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
  SANDBOX_RESET("sandbox-reset");

  private final @Nullable String pointName;
  private final String where;
  private final @Nullable String mark;
  private final @Nullable String eventType;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> holds;

  Tracepoint(
      String pointName,
      String where,
      @Nullable String mark,
      @Nullable String eventType,
      String... holds) {
    this.pointName = pointName;
    this.where = where;
    this.mark = mark;
    this.eventType = eventType;
    this.holds = List.of(holds);
  }

  Tracepoint(String eventType) {
    this.pointName = null;
    this.where = "";
    this.mark = null;
    this.eventType = eventType;
    this.holds = List.of();
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

  /** What a thread at this place holds: {@code srcu-read} or a lock's name. */
  public List<String> holds() {
    return holds;
  }

  /**
   * Whether a thread may be stopped here. Under a lock it may not: that would freeze strangers. A
   * read section is no lock; stopping inside one is what this project is for.
   */
  public boolean stoppable() {
    return pointName != null && holds.stream().allMatch("srcu-read"::equals);
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
}
