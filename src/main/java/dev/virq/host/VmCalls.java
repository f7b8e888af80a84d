package dev.virq.host;

import dev.virq.clock.SandboxClock;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.inflight.PendingClose;
import dev.virq.irqchip.FormerChip;
import dev.virq.irqchip.IrqChip;
import dev.virq.irqfd.IrqfdContext;
import dev.virq.irqfd.Irqfds;
import dev.virq.irqfd.TearDown;
import dev.virq.limits.Budget;
import dev.virq.limits.Charge;
import dev.virq.limits.Cost;
import dev.virq.limits.Limits;
import dev.virq.limits.Quota;
import dev.virq.protocol.FileHold;
import dev.virq.protocol.Protocol;
import dev.virq.stats.LineBook;
import dev.virq.stats.LineCounters;
import dev.virq.trace.Detail;
import dev.virq.trace.Tracepoint;
import dev.virq.vm.Vm;
import dev.virq.vm.VmRestore;
import dev.virq.vm.VmState;
import dev.virq.workqueue.Work;
import dev.virq.workqueue.WorkQueue;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The calls on VMs: KVM_CREATE_VM, close, and looking.
 *
 * <p>Any thread.
 */
public final class VmCalls {
  private final CallContext context;
  private final VmIrqfdEvents.Parts parts;
  private final Quota quota;
  private final Budget memory;
  private final VmTable table;

  VmCalls(
      CallContext context,
      VmIrqfdEvents.Parts parts,
      VmTable table,
      Limits limits,
      Quota total,
      Budget memory) {
    this.memory = memory;
    this.context = context;
    this.parts = parts;
    this.table = table;
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
    Charge charge = new Charge(memory);
    VmFile file;
    boolean created = false;
    try {
      charge.acquire(Cost.VM.bytes() + Cost.ofName(name), Cost.VM);
      file =
          table.add(id -> {
            // Under the table's lock: a shutdown that comes later finds what is created here.
            context.requireAlive();
            VmFile made = new VmFile(id, name, charge, owner);
            prepare.accept(made.vm());
            return made;
          });
      created = true;
    } finally {
      if (!created) {
        charge.releaseAll();
        quota.release();
      }
    }
    hit(Tracepoint.VM_OPENED, file);
    file.seq = context.seq();
    return file;
  }

  /**
   * Closes a VM's descriptor. The tear-down is not waited for.
   *
   * @throws ErrnoException ENOENT for an unknown VM, EBADF when it was closed before
   */
  public PendingClose close(long id) {
    context.requireAlive();
    return closeAnyway(table.find(id));
  }

  /** As {@link #close}, also while the host shuts down. */
  PendingClose closeAnyway(VmFile file) {
    PendingClose close = PendingClose.ofVm(context.inFlight(), file.id());
    table.close(file, close);
    hit(Tracepoint.VM_CLOSING, file);
    file.seq = context.seq();
    context.inFlight().begin(close);
    file.ref.put();
    return close;
  }

  /** The VM of that number, released ones included while they are kept; ENOENT otherwise. */
  public VmFile find(long id) {
    return table.find(id);
  }

  /** VMs after a number, in order. */
  public List<VmFile> list(long after, int limit) {
    return table.list(after, limit);
  }

  // ---- all of them

  /** The number of the next VM. */
  public long next() {
    return table.next();
  }

  /** The next VM gets that number. */
  public void startAt(long next) {
    table.startAt(next);
  }

  /**
   * Creates a VM that was in another host, with the next number.
   *
   * @throws ErrnoException as the calls that make it and what it has
   */
  public VmFile restore(@Nullable String name, VmState state) {
    return create(name, vm -> VmRestore.build(vm, state));
  }

  /**
   * Remembers a VM that was released in another host, with the next number, if there is memory for
   * history.
   *
   * @param bootVcpu number of its boot processor
   * @param kept of its controller; null when it never had one
   * @param lines what was counted, by line
   * @param took what its close took
   * @throws ErrnoException EMFILE, ENFILE past the limits: it is created first
   */
  public void restoreReleased(
      @Nullable String name,
      int bootVcpu,
      FormerChip.@Nullable Whole kept,
      Map<Long, LineCounters.Snapshot> lines,
      TearDown took) {
    VmFile file = create(name, vm -> vm.vcpus().setBoot(bootVcpu));
    lines.forEach(file.lines()::become);
    file.release(kept, took);
  }

  /**
   * All of an open VM, without its irqfds. Of a host that drains, too.
   *
   * @param now what is left of its timers is left from then on
   * @throws ErrnoException EBADF when it is closed, ENOENT when it is unknown; ECANCELED when the
   *     host was shut down
   */
  public VmState whole(long id, long now) {
    context.requirePresent();
    return held(FileHold.COUNTED, id, file -> file.vm().whole(now));
  }

  // ---- for this package

  /** Makes a call with a reference to the VM's file; EBADF when its descriptor is closed. */
  <R> R with(long id, Function<VmFile, R> call) {
    return with(FileHold.COUNTED, id, call);
  }

  /** Makes a call that binds: as the others, but what keeps the file is the protocol's. */
  <R> R binding(long id, Function<VmFile, R> call) {
    return with(parts.protocol().hold(), id, call);
  }

  private <R> R with(FileHold hold, long id, Function<VmFile, R> call) {
    context.requireAlive();
    return held(hold, id, call);
  }

  private <R> R held(FileHold hold, long id, Function<VmFile, R> call) {
    VmFile file = table.find(id);
    if (file.state != VmFile.State.OPEN || !hold.take(file.ref)) {
      throw VmTable.closed(id);
    }
    try {
      return call.apply(file);
    } finally {
      hold.drop(file.ref);
    }
  }

  /** The VMs whose descriptor is open. */
  List<VmFile> open() {
    return table.open();
  }

  /** Forgets the released VMs: the host is gone. */
  void forgetReleased() {
    table.end();
  }

  long used() {
    return quota.used();
  }

  /** {@code kvm_vm_release}, on a clean-up worker. */
  private void release(VmFile file) {
    PendingClose close = file.closing;
    if (close == null) {
      throw new IllegalStateException("vm-" + file.id() + " released without a close");
    }
    // What is visible of a released VM must not keep the irqfds that the close ended.
    file.closing = null;
    Work work =
        new Work(
            parts.cleanup(),
            () -> {
              file.events.closing();
              file.irqfds().release(close::ends);
              // Before the reference: whoever sees the VM released sees what that took.
              file.end = close.took();
              boolean last = file.vm().put();
              file.put = true;
              close.vmPut(last);
              file.events.closed();
              close.finish();
            });
    work.schedule();
  }

  private void hit(Tracepoint point, VmFile file) {
    context.probe().hit(point, file.vm(), file.vm().references(), Detail.NONE);
  }

  private final VmFile.Owner owner =
      new VmFile.Owner() {
        @Override
        public SandboxClock clock() {
          return context.clock();
        }

        @Override
        public VmIrqfdEvents events(LineBook lines) {
          return new VmIrqfdEvents(context, parts, lines, memory);
        }

        @Override
        public Irqfds irqfds(Vm vm, VmIrqfdEvents events) {
          Protocol protocol = parts.protocol();
          WorkQueue ends = protocol.queue().of(parts.injection(), parts.cleanup());
          return new Irqfds(
              new IrqfdContext(parts.injection(), ends, context.probe(), events, protocol), vm);
        }

        @Override
        public void released(VmFile file) {
          release(file);
        }

        @Override
        public void destroyed(VmFile file) {
          hit(Tracepoint.VM_RELEASED, file);
          table.destroyed(file, context.seq(), file.retire());
          quota.release();
          context.inFlight().objectGone();
        }
      };
}
