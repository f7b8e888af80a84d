package dev.virq.host;

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
  private final Host host;
  private final IrqfdContext context;
  private final Quota quota;
  private final int tombstones;
  private final ReentrantLock lock = new ReentrantLock();

  /** Written under lock, read without. */
  private final ConcurrentSkipListMap<Long, VmFile> vms = new ConcurrentSkipListMap<>();

  // Guarded by lock. The deque is bounded by tombstones.
  private final Deque<Long> released = new ArrayDeque<>();
  private long lastId;

  VmCalls(Host host, Limits limits, Quota total, IrqfdContext context) {
    this.host = host;
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
  public VmFile create(@Nullable String name) {
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
  public VmFile create(@Nullable String name, IrqChip.Kind kind, long reservedPins) {
    return create(name, vm -> vm.createIrqchip(kind, reservedPins));
  }

  /** When preparing is refused there is no VM, and its number is not used. */
  private VmFile create(@Nullable String name, Consumer<Vm> prepare) {
    quota.acquire();
    VmFile entry;
    boolean created = false;
    lock.lock();
    try {
      // Under the lock: a shutdown that comes later finds what is created here.
      host.requireAlive();
      long id = lastId + 1;
      Vm vm = new Vm(id, () -> destroyed(id));
      prepare.accept(vm);
      lastId = id;
      FileRef file = new FileRef(() -> release(id));
      entry = new VmFile(id, name, vm, new Irqfds(context, vm), file);
      vms.put(id, entry);
      created = true;
    } finally {
      lock.unlock();
      if (!created) {
        quota.release();
      }
    }
    host.probe().hit(Tracepoint.VM_OPENED, entry.vm());
    entry.seq = host.seq();
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
          host.probe().hit(Tracepoint.LINE_SET, new LineSubject(id, gsi), high ? 1 : 0, answer);
          return status;
        });
  }

  /** Lines that lead nowhere are counted only while they are bound: there are 2^32 of them. */
  private void countLine(VmFile entry, long gsi, LineStatus answer) {
    LineCounters counters = entry.lines.get(gsi);
    IrqChip chip = entry.vm().irqchip();
    if (counters == null && chip != null && chip.routed(gsi)) {
      counters = entry.lines.computeIfAbsent(gsi, line -> new LineCounters());
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
  public PendingClose close(long id) {
    host.requireAlive();
    return closeAnyway(id);
  }

  /** As {@link #close}, also while the kernel shuts down. */
  PendingClose closeAnyway(long id) {
    VmFile entry = find(id);
    PendingClose op = new PendingClose(host, PendingClose.Kind.VM, "vm-" + id, id, 0, true);
    lock.lock();
    try {
      if (entry.state != VmFile.State.OPEN) {
        throw closed(id);
      }
      entry.state = VmFile.State.CLOSING;
      entry.closing = op;
    } finally {
      lock.unlock();
    }
    host.probe().hit(Tracepoint.VM_CLOSING, entry.vm());
    entry.seq = host.seq();
    host.settle().begin(op, () -> {});
    entry.file.put();
    return op;
  }

  /** The VM of that number, released ones included while they are kept; ENOENT otherwise. */
  public VmFile find(long id) {
    VmFile entry = vms.get(id);
    if (entry == null) {
      throw new ErrnoException(Errno.ENOENT, "VM vm-" + Long.toUnsignedString(id) + " is unknown");
    }
    return entry;
  }

  /** VMs after a number, in order. */
  public List<VmFile> list(long after, int limit) {
    return vms.tailMap(after, false).values().stream().limit(limit).toList();
  }

  /** The line's level and edges now. */
  public IrqLine line(long id, long gsi) {
    return find(id).vm().line(gsi);
  }

  /** Signals to the line, by outcome. */
  public LineCounters.Snapshot lineCounters(long id, long gsi) {
    LineCounters counters = find(id).lines.get(gsi);
    return counters == null ? LineCounters.Snapshot.NONE : counters.snapshot();
  }

  /** Numbers of the lines that are routed or bound, after a number, in order. */
  public List<Long> lines(long id, long after, int limit) {
    VmFile entry = find(id);
    TreeSet<Long> all = new TreeSet<>(entry.lines.keySet());
    entry.vm().lines().forEach(line -> all.add(line.gsi()));
    return all.tailSet(after, false).stream().limit(limit).toList();
  }

  // ---- for this package

  /** Makes a call with a reference to the VM's file; EBADF when its descriptor is closed. */
  <R> R with(long id, Function<VmFile, R> call) {
    host.requireAlive();
    VmFile entry = find(id);
    if (entry.state != VmFile.State.OPEN || !entry.file.tryGet()) {
      throw closed(id);
    }
    try {
      return call.apply(entry);
    } finally {
      entry.file.put();
    }
  }

  @Nullable LineCounters gsiCounters(long id, long gsi) {
    VmFile entry = vms.get(id);
    return entry == null ? null : entry.lines.get(gsi);
  }

  /** Begins to count a line's signals. */
  void retainLine(VmFile entry, long gsi) {
    lock.lock();
    try {
      entry.lines.computeIfAbsent(gsi, g -> new LineCounters()).bound++;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The counters of a line that leads nowhere go with its last irqfd: there are 2^32 such lines.
   */
  void forgetLine(long id, long gsi) {
    VmFile entry = vms.get(id);
    if (entry == null) {
      return;
    }
    IrqChip chip = entry.vm().irqchip();
    boolean routed = chip != null && chip.routed(gsi);
    lock.lock();
    try {
      LineCounters counters = entry.lines.get(gsi);
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
          .filter(entry -> entry.state == VmFile.State.OPEN)
          .map(VmFile::id)
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
    VmFile entry = find(id);
    PendingClose op = entry.closing;
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
    VmFile entry = find(id);
    host.probe().hit(Tracepoint.VM_RELEASED, entry.vm());
    lock.lock();
    try {
      entry.seq = host.seq();
      entry.state = VmFile.State.RELEASED;
      released.addLast(id);
      while (released.size() > tombstones) {
        vms.remove(released.removeFirst());
      }
    } finally {
      lock.unlock();
    }
    quota.release();
    host.settle().changed();
  }

  private static ErrnoException closed(long id) {
    return new ErrnoException(Errno.EBADF, "VM vm-" + id + " is closed");
  }
}
