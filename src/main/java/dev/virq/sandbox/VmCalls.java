package dev.virq.sandbox;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.irqchip.IrqChip;
import dev.virq.irqchip.IrqLine;
import dev.virq.irqchip.LineStatus;
import dev.virq.irqfd.IrqfdContext;
import dev.virq.irqfd.Irqfds;
import dev.virq.routing.RoutingEntry;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import dev.virq.vm.Vm;
import dev.virq.workqueue.Work;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The calls on VMs: KVM_CREATE_VM, KVM_CREATE_IRQCHIP, KVM_IRQ_LINE_STATUS, KVM_SET_GSI_ROUTING,
 * close.
 *
 * <p>Any thread. The table lock guards numbers and states; it is never held over a release, a wait
 * or a tracepoint. Looking up takes no lock.
 */
public final class VmCalls {
  private final Kernel kernel;
  private final IrqfdContext context;
  private final Quota quota;
  private final int tombstones;
  private final ReentrantLock lock = new ReentrantLock();

  /** Written under lock, read without. */
  private final ConcurrentSkipListMap<Long, VmEntry> vms = new ConcurrentSkipListMap<>();

  // Guarded by lock. The deque is bounded by tombstones.
  private final Deque<Long> released = new ArrayDeque<>();
  private long lastId;

  VmCalls(Kernel kernel, Limits limits, Quota total, IrqfdContext context) {
    this.kernel = kernel;
    this.context = context;
    this.tombstones = limits.tombstones();
    this.quota = new Quota("VMs", limits.vms(), Errno.EMFILE, total);
  }

  /**
   * Creates a VM without controller.
   *
   * @param name a label, or null
   * @throws ErrnoException EMFILE, ENFILE past the limits
   */
  public VmEntry create(@Nullable String name) {
    return create(name, vm -> {});
  }

  /**
   * Creates a VM with its controller, or nothing at all.
   *
   * @param name a label, or null
   * @param kind the controller
   * @param reservedPins for a split controller
   * @throws ErrnoException as {@link Vm#createIrqchip}; EMFILE, ENFILE past the limits
   */
  public VmEntry create(@Nullable String name, IrqChip.Kind kind, long reservedPins) {
    return create(name, vm -> vm.createIrqchip(kind, reservedPins));
  }

  /** When preparing is refused there is no VM, and its number is not used. */
  private VmEntry create(@Nullable String name, Consumer<Vm> prepare) {
    quota.acquire();
    VmEntry entry;
    boolean created = false;
    lock.lock();
    try {
      // Under the lock: a shutdown that comes later finds what is created here.
      kernel.requireAlive();
      long id = lastId + 1;
      Vm vm = new Vm(id, () -> destroyed(id));
      prepare.accept(vm);
      lastId = id;
      OpenFile file = new OpenFile(() -> release(id));
      entry = new VmEntry(id, name, vm, new Irqfds(context, vm), file);
      vms.put(id, entry);
      created = true;
    } finally {
      lock.unlock();
      if (!created) {
        quota.release();
      }
    }
    kernel.probe().hit(Tracepoint.VM_OPENED, entry.vm());
    entry.seq = kernel.seq();
    return entry;
  }

  /** Gives a VM its controller; as {@link Vm#createIrqchip}, and EBADF when the VM is closed. */
  public void createIrqchip(long id, IrqChip.Kind kind, long reservedPins) {
    with(
        id,
        entry -> {
          entry.vm().createIrqchip(kind, reservedPins);
          return entry;
        });
  }

  /** Adds a vCPU; as {@link Vm#createVcpu}, and EBADF when the VM is closed. */
  public void createVcpu(long id, long vcpu) {
    with(
        id,
        entry -> {
          entry.vm().createVcpu(vcpu);
          return entry;
        });
  }

  /**
   * Drives a line: KVM_IRQ_LINE_STATUS.
   *
   * @return more than 0 delivered, 0 coalesced, -1 ignored
   * @throws ErrnoException ENXIO without a controller, EBADF when the VM is closed
   */
  public int setLine(long id, long gsi, boolean high) {
    return setLine(id, gsi, high, true);
  }

  /**
   * Drives a line.
   *
   * @param tracked whether as KVM_IRQ_LINE_STATUS rather than KVM_IRQ_LINE
   * @return more than 0 delivered, 0 coalesced, -1 ignored
   * @throws ErrnoException ENXIO without a controller, EBADF when the VM is closed
   */
  public int setLine(long id, long gsi, boolean high, boolean tracked) {
    return with(
        id,
        entry -> {
          int status = entry.vm().setLine(gsi, high, tracked);
          LineStatus answer = high ? LineStatus.of(status) : null;
          if (answer != null) {
            countLine(entry, gsi, answer);
          }
          kernel.probe().hit(Tracepoint.LINE_SET, new LineSubject(id, gsi), high ? 1 : 0, answer);
          return status;
        });
  }

  /** Lines that lead nowhere are counted only while they are bound: there are 2^32 of them. */
  private void countLine(VmEntry entry, long gsi, LineStatus answer) {
    GsiCounters counters = entry.lines.get(gsi);
    IrqChip chip = entry.vm().irqchip();
    if (counters == null && chip != null && chip.routed(gsi)) {
      counters = entry.lines.computeIfAbsent(gsi, line -> new GsiCounters());
    }
    if (counters != null) {
      counters.answered(answer);
    }
  }

  /** Replaces the routing table; as {@link Vm#setRouting}, and EBADF when the VM is closed. */
  public void setRouting(long id, List<RoutingEntry> entries, long flags) {
    with(
        id,
        entry -> {
          entry.vm().setRouting(entries, flags);
          return entry;
        });
  }

  /** The controller of an open VM, or null before there is one; EBADF when the VM is closed. */
  public @Nullable IrqChip irqchip(long id) {
    return with(id, entry -> Optional.ofNullable(entry.vm().irqchip())).orElse(null);
  }

  private record LineSubject(long vmId, long gsi) implements Subject {}

  /**
   * Closes a VM's descriptor. The tear-down goes on by itself.
   *
   * @throws ErrnoException ENOENT for an unknown VM, EBADF when it was closed before
   */
  public CloseOp close(long id) {
    kernel.requireAlive();
    return closeAnyway(id);
  }

  /** As {@link #close}, also while the kernel shuts down. */
  CloseOp closeAnyway(long id) {
    VmEntry entry = find(id);
    CloseOp op = new CloseOp(kernel, CloseOp.Kind.VM, "vm-" + id, id, 0, true);
    lock.lock();
    try {
      if (entry.state != VmEntry.State.OPEN) {
        throw closed(id);
      }
      entry.state = VmEntry.State.CLOSING;
      entry.closing = op;
    } finally {
      lock.unlock();
    }
    kernel.probe().hit(Tracepoint.VM_CLOSING, entry.vm());
    entry.seq = kernel.seq();
    kernel.settle().begin(op, () -> {});
    entry.file.put();
    return op;
  }

  /** The VM of that number, released ones included while they are kept; ENOENT otherwise. */
  public VmEntry find(long id) {
    VmEntry entry = vms.get(id);
    if (entry == null) {
      throw new ErrnoException(Errno.ENOENT, "VM vm-" + Long.toUnsignedString(id) + " is unknown");
    }
    return entry;
  }

  /** VMs after a number, in order. */
  public List<VmEntry> list(long after, int limit) {
    return vms.tailMap(after, false).values().stream().limit(limit).toList();
  }

  /** The line's level and edges now. */
  public IrqLine line(long id, long gsi) {
    return find(id).vm().line(gsi);
  }

  /** Signals to the line, by outcome. */
  public GsiCounters.Snapshot lineCounters(long id, long gsi) {
    GsiCounters counters = find(id).lines.get(gsi);
    return counters == null ? GsiCounters.Snapshot.NONE : counters.snapshot();
  }

  /** Numbers of the lines that are routed or bound, after a number, in order. */
  public List<Long> lines(long id, long after, int limit) {
    VmEntry entry = find(id);
    TreeSet<Long> all = new TreeSet<>(entry.lines.keySet());
    entry.vm().lines().forEach(line -> all.add(line.gsi()));
    return all.tailSet(after, false).stream().limit(limit).toList();
  }

  // ---- for this package

  /** Makes a call with a reference to the VM's file; EBADF when its descriptor is closed. */
  <R> R with(long id, Function<VmEntry, R> call) {
    kernel.requireAlive();
    VmEntry entry = find(id);
    if (entry.state != VmEntry.State.OPEN || !entry.file.tryGet()) {
      throw closed(id);
    }
    try {
      return call.apply(entry);
    } finally {
      entry.file.put();
    }
  }

  @Nullable GsiCounters gsiCounters(long id, long gsi) {
    VmEntry entry = vms.get(id);
    return entry == null ? null : entry.lines.get(gsi);
  }

  /** Begins to count a line's signals. */
  void retainLine(VmEntry entry, long gsi) {
    lock.lock();
    try {
      entry.lines.computeIfAbsent(gsi, g -> new GsiCounters()).bound++;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The counters of a line that leads nowhere go with its last irqfd: there are 2^32 such lines.
   */
  void forgetLine(long id, long gsi) {
    VmEntry entry = vms.get(id);
    if (entry == null) {
      return;
    }
    IrqChip chip = entry.vm().irqchip();
    boolean routed = chip != null && chip.routed(gsi);
    lock.lock();
    try {
      GsiCounters counters = entry.lines.get(gsi);
      if (counters != null && --counters.bound == 0 && !routed) {
        entry.lines.remove(gsi);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Numbers of the VMs whose descriptor is open. */
  List<Long> open() {
    lock.lock();
    try {
      return vms.values().stream()
          .filter(entry -> entry.state == VmEntry.State.OPEN)
          .map(VmEntry::id)
          .toList();
    } finally {
      lock.unlock();
    }
  }

  long used() {
    return quota.used();
  }

  /** The last reference to the file is gone: {@code kvm_vm_release}, on a clean-up worker. */
  private void release(long id) {
    VmEntry entry = find(id);
    CloseOp op = entry.closing;
    if (op == null) {
      throw new IllegalStateException("vm-" + id + " released without a close");
    }
    Work work =
        new Work(
            context.cleanup(),
            () -> {
              entry.irqfds().release(op::ends);
              boolean last = entry.vm().put();
              entry.put = true;
              op.vmPut(last);
              op.finish();
            });
    work.schedule();
  }

  /** On whoever put the last reference, no lock held. */
  private void destroyed(long id) {
    VmEntry entry = find(id);
    kernel.probe().hit(Tracepoint.VM_RELEASED, entry.vm());
    lock.lock();
    try {
      entry.seq = kernel.seq();
      entry.state = VmEntry.State.RELEASED;
      released.addLast(id);
      while (released.size() > tombstones) {
        vms.remove(released.removeFirst());
      }
    } finally {
      lock.unlock();
    }
    quota.release();
    kernel.settle().changed();
  }

  private static ErrnoException closed(long id) {
    return new ErrnoException(Errno.EBADF, "VM vm-" + id + " is closed");
  }
}
