package dev.virq.script;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.host.EventfdName;
import dev.virq.host.Host;
import dev.virq.inflight.PendingClose;
import dev.virq.irqchip.IrqChip;
import dev.virq.irqfd.Irqfd;
import org.jspecify.annotations.Nullable;

/** The operations on VMs as objects, and {@code irqfd_*}. */
final class VmOperations {
  /** KVM_IRQFD_FLAG_DEASSIGN and KVM_IRQFD_FLAG_RESAMPLE. */
  private static final long DEASSIGN = 1;

  private static final long RESAMPLE = 2;

  /** A descriptor that is never open. */
  private static final EventfdName NOT_OPEN = EventfdName.fd(-1);

  private final Host host;
  private final Names names;

  /** A descriptor that is open and no eventfd, in place of a VM's; opened when first needed. */
  private @Nullable EventfdName noEventfd;

  VmOperations(Host host, Names names) {
    this.host = host;
    this.names = names;
  }

  /** A VM without controller. */
  void create(Operation op) {
    names.requireFree(op.word(0));
    names.put(op.word(0), new Handle.Machine(host.vms().create(null).id()));
  }

  /** Closes the VM and its vCPUs. */
  void close(Operation op) {
    Handle.Machine vm = names.requireVm(op.word(0));
    names.remove(op.word(0));
    PendingClose _ = host.vms().close(vm.id());
  }

  /** A controller of that kind. */
  void createIrqchip(Operation op, IrqChip.Kind kind) {
    Handle.Machine vm = names.requireVm(op.word(0));
    // Reserved pins are unsigned: what does not fit a long is too many anyway.
    long pins = kind == IrqChip.Kind.SPLIT ? op.number(1) : 0;
    host.chips().create(vm.id(), kind, pins < 0 ? Long.MAX_VALUE : pins);
  }

  /** A vCPU. */
  void createVcpu(Operation op) {
    Handle.Machine vm = names.requireVm(op.word(0));
    if (vm.vcpus().containsKey(op.word(1))) {
      throw new ErrnoException(Errno.EEXIST, "the name " + op.word(1) + " is in use");
    }
    host.vcpus().create(vm.id(), op.number(2));
    vm.vcpus().put(op.word(1), op.number(2));
  }

  /** Binds; {@code irqfd_assign} and {@code irqfd_assign_resample}. */
  void assign(Operation op, boolean resample) {
    Handle.Machine vm = names.requireVm(op.word(0));
    assign(vm, op, resample ? descriptor(op.word(3)) : null);
  }

  /** Unbinds. */
  void deassign(Operation op) {
    deassign(names.requireVm(op.word(0)), op);
  }

  /** The raw call: the flag bits are looked at before any descriptor but the VM's. */
  void flags(Operation op) {
    Handle.Machine vm = names.requireVm(op.word(0));
    // The VM first: it may have been closed by somebody who shares the sandbox.
    IrqChip _ = host.chips().find(vm.id());
    long flags = op.number(3);
    if ((flags & ~(DEASSIGN | RESAMPLE)) != 0) {
      throw new ErrnoException(Errno.EINVAL, "irqfd flags " + flags + " are unknown");
    }
    if ((flags & DEASSIGN) != 0) {
      deassign(vm, op);
    } else if ((flags & RESAMPLE) != 0) {
      assign(vm, op, op.size() == 5 ? descriptor(op.word(4)) : NOT_OPEN);
    } else {
      assign(vm, op, null);
    }
  }

  private void assign(Handle.Machine vm, Operation op, @Nullable EventfdName resample) {
    Irqfd _ = host.irqfds().assign(vm.id(), descriptor(op.word(1)), op.number(2), resample);
  }

  private void deassign(Handle.Machine vm, Operation op) {
    PendingClose _ = host.irqfds().deassign(vm.id(), descriptor(op.word(1)), op.number(2));
  }

  /** What the kernel is handed for a name: its own checks then come in its own order. */
  private EventfdName descriptor(String name) {
    Handle handle = names.find(name);
    if (handle == null) {
      return NOT_OPEN;
    }
    EventfdName descriptor = EventfdOperations.descriptor(handle);
    return descriptor == null ? noEventfd() : descriptor;
  }

  private EventfdName noEventfd() {
    EventfdName open = noEventfd;
    if (open == null) {
      open = EventfdName.fd(host.eventfds().pipe());
      noEventfd = open;
    }
    return open;
  }

  /** Closes what the operations themselves opened; whether that was anything. */
  boolean end() {
    EventfdName open = noEventfd;
    if (open == null) {
      return false;
    }
    noEventfd = null;
    PendingClose _ = host.eventfds().close(open);
    return true;
  }
}
