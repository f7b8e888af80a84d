package dev.virq.script;

import static dev.virq.script.Operand.CPU_FEATURE;
import static dev.virq.script.Operand.NAME;
import static dev.virq.script.Operand.U32;
import static dev.virq.script.Operand.U64;
import static dev.virq.script.Verb.declare;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.errno.ObjectId;
import dev.virq.inflight.PendingClose;
import dev.virq.irqchip.IrqChip;
import dev.virq.irqfd.Irqfd;
import dev.virq.script.Names.Handle;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The operations on VMs as objects, and {@code irqfd_*}. */
final class VmOperations {
  /** KVM_IRQFD_FLAG_DEASSIGN and KVM_IRQFD_FLAG_RESAMPLE. */
  private static final long DEASSIGN = 1;

  private static final long RESAMPLE = 2;

  /** A descriptor that is never open. */
  private static final EventfdName NOT_OPEN = EventfdName.fd(-1);

  static final List<Verb> VERBS =
      List.of(
          declare("vm_create", NAME)
              .help("Create a VM without an interrupt controller")
              .calls(VmOperations::create),
          declare("vm_close", NAME).help("Close a VM and its vCPUs").does(VmOperations::close),
          declare("irqchip_create", NAME)
              .help("Give a VM the full interrupt controller")
              .does((process, op) -> createIrqchip(process, op, IrqChip.Kind.KERNEL, 0)),
          declare("split_irqchip_create", NAME, U64)
              .help("Give a VM local APICs only, with so many pins kept for user space")
              .does((process, op) -> createIrqchip(process, op, IrqChip.Kind.SPLIT, op.number(1))),
          declare("boot_vcpu", NAME, U64)
              .help("Say which number the boot processor has, before the first vCPU; else it is 0")
              .does((process, op) -> process.host().vcpus().boot(process.vm(op), op.number(1))),
          declare("x2apic_api", NAME, U64)
              .help(
                  "Agree to more of x2APIC in a VM: 1 ids of 32 bits in states and messages, 2 no"
                      + " broadcast to 255 where ids have 32 bits")
              .does((process, op) -> process.host().vcpus().x2apic(process.vm(op), op.number(1))),
          declare("vcpu_create", NAME, NAME, U32)
              .help("Create a vCPU of a VM, with its number")
              .does(VmOperations::createVcpu),
          declare("vcpu_cpuid", NAME, NAME, CPU_FEATURE)
              .lastRepeated()
              .help("Give a vCPU a CPUID table before it runs: with a local APIC, and as named")
              .does(VmOperations::cpuid),
          declare("get_apic_base", NAME, NAME)
              .help("Show the APIC base of a vCPU")
              .answers((process, op) ->
                  process.host().vcpus().apicBase(process.vm(op), process.vcpu(op))),
          declare("apic_base_set", NAME, NAME, U64)
              .help("Set the APIC base of a vCPU: address, 0x800 enabled, 0x400 x2APIC, 0x100 boot")
              .does(VmOperations::setApicBase),
          declare("irqfd_assign", NAME, NAME, U32)
              .help("Bind an eventfd to a line of a VM")
              .calls((process, op) -> assign(process, op, null)),
          declare("irqfd_assign_resample", NAME, NAME, U32, NAME)
              .help(
                  "Bind an eventfd to a line that falls at the end of interrupt, with a second"
                      + " eventfd to be signalled then")
              .calls(VmOperations::assignResample),
          declare("irqfd_deassign", NAME, NAME, U32)
              .help("Unbind an eventfd from a line")
              .does(VmOperations::deassign),
          declare("irqfd_flags", NAME, NAME, U32, U32, NAME)
              .lastOptional(1)
              .help("Make the raw call, with any flag bits")
              .calls(VmOperations::flags));

  private VmOperations() {}

  private static Map<String, @Nullable Object> create(ScriptProcess process, Operation op) {
    Names names = process.names();
    String name = op.word(0);
    names.requireFree(name);
    long id = process.host().vms().create(process.label(name)).id();
    names.put(name, new Handle.Machine(id));
    return process.made("id", ObjectId.VM.of(id));
  }

  private static void close(ScriptProcess process, Operation op) {
    Handle.Machine vm = process.names().requireVm(op.word(0));
    process.names().remove(op.word(0));
    PendingClose _ = process.host().vms().close(vm.id());
  }

  private static void createIrqchip(
      ScriptProcess process, Operation op, IrqChip.Kind kind, long pins) {
    // Reserved pins are unsigned: what does not fit a long is too many anyway.
    process.host().chips().create(process.vm(op), kind, pins < 0 ? Long.MAX_VALUE : pins);
  }

  private static void createVcpu(ScriptProcess process, Operation op) {
    Handle.Machine vm = process.names().requireVm(op.word(0));
    if (vm.vcpus().containsKey(op.word(1))) {
      throw new ErrnoException(Errno.EEXIST, "the name " + op.word(1) + " is already in use");
    }
    process.host().vcpus().create(vm.id(), op.number(2));
    vm.vcpus().put(op.word(1), op.number(2));
  }

  private static void cpuid(ScriptProcess process, Operation op) {
    long vm = process.vm(op);
    List<String> features = op.operands().subList(2, op.size());
    process
        .host()
        .vcpus()
        .cpuid(
            vm, process.vcpu(op), features.contains("tsc-deadline"), features.contains("x2apic"));
  }

  private static void setApicBase(ScriptProcess process, Operation op) {
    long vm = process.vm(op);
    long _ = process.host().vcpus().setApicBase(vm, process.vcpu(op), op.number(2));
  }

  private static Map<String, @Nullable Object> assignResample(ScriptProcess process, Operation op) {
    // The VM's name is looked at before any other.
    long _ = process.vm(op);
    return assign(process, op, descriptor(process, op.word(3)));
  }

  /** The raw call: the flag bits are looked at before any descriptor but the VM's. */
  private static Map<String, @Nullable Object> flags(ScriptProcess process, Operation op) {
    // The VM first: it may have been closed by another user of the sandbox.
    IrqChip _ = process.host().chips().find(process.vm(op));
    long flags = op.number(3);
    if ((flags & ~(DEASSIGN | RESAMPLE)) != 0) {
      throw new ErrnoException(Errno.EINVAL, "irqfd flags " + flags + " are not supported");
    }
    if ((flags & DEASSIGN) != 0) {
      deassign(process, op);
      return Map.of();
    }
    if ((flags & RESAMPLE) != 0) {
      return assign(process, op, op.size() == 5 ? descriptor(process, op.word(4)) : NOT_OPEN);
    }
    return assign(process, op, null);
  }

  private static Map<String, @Nullable Object> assign(
      ScriptProcess process, Operation op, @Nullable EventfdName resample) {
    long vm = process.vm(op);
    EventfdName trigger = descriptor(process, op.word(1));
    Irqfd irqfd = process.host().irqfds().assign(vm, trigger, op.number(2), resample);
    return process.made("id", ObjectId.IRQFD.of(irqfd.irqfdId()));
  }

  private static void deassign(ScriptProcess process, Operation op) {
    long vm = process.vm(op);
    EventfdName trigger = descriptor(process, op.word(1));
    PendingClose _ = process.host().irqfds().deassign(vm, trigger, op.number(2));
  }

  /** What the kernel is handed for a name: its own checks then come in its own order. */
  private static EventfdName descriptor(ScriptProcess process, String name) {
    Handle handle = process.names().find(name);
    if (handle == null) {
      return NOT_OPEN;
    }
    EventfdName descriptor = EventfdOperations.descriptor(handle);
    return descriptor == null ? process.noEventfd() : descriptor;
  }
}
