package dev.virq.script;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.irqchip.IrqChip;
import dev.virq.sandbox.Kernel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The operations on lines, messages, routes and chips.
 *
 * <p>The chips are not simulated yet. What can be answered without them is answered as Linux does;
 * what cannot is refused with EOPNOTSUPP, and nothing is changed then.
 */
final class ChipOperations {
  /** KVM_MSI_VALID_DEVID, the only flag of a message. */
  private static final long VALID_DEVID = 1;

  private final Kernel kernel;
  private final Names names;

  ChipOperations(Kernel kernel, Names names) {
    this.kernel = kernel;
    this.names = names;
  }

  /** Sets a line, asking for the status. */
  int line(Operation op) {
    Handle.Machine vm = names.requireVm(op.word(0));
    IrqChip chip = irqchip(vm);
    long gsi = op.number(1);
    boolean high = op.number(2) != 0;
    if (chip != null) {
      if (chip.routed(gsi)) {
        throw unsupported("the status of a line that leads to a chip");
      }
      if (high && chip.hasVcpus() && chip.routedToMessage(gsi)) {
        throw unsupported("the delivery of a message to a vCPU");
      }
    }
    return kernel.vms().setLine(vm.id(), gsi, high);
  }

  /** Sets a line. */
  void lineWithoutStatus(Operation op) {
    Handle.Machine vm = names.requireVm(op.word(0));
    int _ = kernel.vms().setLine(vm.id(), op.number(1), op.number(2) != 0);
  }

  /** Delivers a message: nobody is there, or it is not simulated. */
  int signalMsi(Operation op) {
    IrqChip chip = irqchip(names.requireVm(op.word(0)));
    if (chip == null) {
      throw new ErrnoException(Errno.EINVAL, op.word(0) + " has no controller");
    }
    long flags = op.size() == 5 ? op.number(4) : 0;
    if ((flags & ~VALID_DEVID) != 0) {
      throw new ErrnoException(Errno.EINVAL, "message flags " + flags + " are unknown");
    }
    if (chip.hasVcpus()) {
      throw unsupported("the delivery of a message to a vCPU");
    }
    throw new ErrnoException(Errno.EPERM, op.word(0) + " has no vCPU to take a message");
  }

  /** Replaces the routing table. */
  void route(Operation op) {
    Handle.Machine vm = names.requireVm(op.word(0));
    List<String> words = op.operands();
    Routes routes = Routes.of(words.subList(1, words.size()));
    kernel.vms().setRouting(vm.id(), routes.entries(), routes.flags());
  }

  /** State of the 8259 pair or the I/O APIC, which only the full controller has. */
  Object chip(Operation op) {
    IrqChip chip = irqchip(names.requireVm(op.word(0)));
    if (chip == null || chip.kind() != IrqChip.Kind.KERNEL) {
      throw new ErrnoException(
          Errno.ENXIO, op.word(0) + " has neither an 8259 pair nor an I/O APIC");
    }
    throw unsupported("the state of the 8259 pair and the I/O APIC");
  }

  /** State of a local APIC, which vCPUs have when the VM has a controller. */
  Object lapic(Operation op) {
    IrqChip chip = irqchip(names.requireVcpu(op.word(0), op.word(1)));
    if (chip == null) {
      throw new ErrnoException(Errno.EINVAL, op.word(1) + " has no local APIC");
    }
    throw unsupported("the state of a local APIC");
  }

  /** Run state and pending NMIs of a vCPU: as created, while no message can have changed them. */
  Map<String, Integer> vcpuEvents(Operation op) {
    IrqChip chip = irqchip(names.requireVcpu(op.word(0), op.word(1)));
    if (chip != null && chip.messageLost()) {
      throw unsupported("what a message did to a vCPU");
    }
    Map<String, Integer> events = new LinkedHashMap<>();
    events.put("mp_state", 0);
    events.put("nmi_pending", 0);
    events.put("nmi_masked", 0);
    events.put("smi_pending", 0);
    return events;
  }

  /** What a guest does. */
  Object guest(Operation op) {
    IrqChip _ = irqchip(names.requireVcpu(op.word(0), op.word(1)));
    throw unsupported("what a guest does");
  }

  private @Nullable IrqChip irqchip(Handle.Machine vm) {
    return kernel.vms().irqchip(vm.id());
  }

  private static ErrnoException unsupported(String what) {
    return new ErrnoException(Errno.EOPNOTSUPP, what + " is not simulated");
  }
}
