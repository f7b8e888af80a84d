package dev.virq.host;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.irqchip.GuestPort;
import dev.virq.irqchip.HostPort;
import dev.virq.irqchip.IrqChip;
import dev.virq.lapic.Message;
import dev.virq.lapic.Vcpu;
import dev.virq.routing.RoutingTable;
import dev.virq.vm.Vm;
import dev.virq.workqueue.WorkQueue;
import java.util.List;
import java.util.function.Function;

/**
 * The calls on a VM's interrupt controllers and vCPUs: KVM_SIGNAL_MSI, KVM_GET/SET_IRQCHIP,
 * KVM_GET/SET_LAPIC, KVM_GET_VCPU_EVENTS, and what a guest does.
 *
 * <p>Any thread, no lock held. Every call answers EBADF when the VM is closed.
 */
public final class ChipCalls {
  /** KVM_MSI_VALID_DEVID, the only flag of a message. */
  private static final long VALID_DEVID = 1;

  private static final Vcpu.Events AS_CREATED = new Vcpu.Events(Vcpu.RunState.RUNNABLE, 0);

  private final VmCalls vms;

  ChipCalls(VmCalls vms) {
    this.vms = vms;
  }

  /**
   * Sends a message: KVM_SIGNAL_MSI.
   *
   * @return how many local APICs accepted it
   * @throws ErrnoException EINVAL without a controller or for unknown flags, EPERM when nobody is
   *     meant
   */
  public int signalMsi(long vm, long address, long data, long flags) {
    return with(
        vm,
        Errno.EINVAL,
        chip -> {
          if ((flags & ~VALID_DEVID) != 0) {
            throw new ErrnoException(Errno.EINVAL, "message flags " + flags + " are unknown");
          }
          int accepted = chip.send(Message.msi(address, data));
          if (accepted < 0) {
            throw new ErrnoException(
                Errno.EPERM, "no vCPU of vm-" + vm + " is meant by the message's destination");
          }
          return accepted;
        });
  }

  /**
   * The routing table.
   *
   * @throws ErrnoException EINVAL without a controller
   */
  public RoutingTable routing(long vm) {
    return with(vm, Errno.EINVAL, IrqChip::routing);
  }

  /**
   * Reads or restores the 8259 pair or the I/O APIC.
   *
   * @throws ErrnoException ENXIO without a full controller
   */
  public <R> R chips(long vm, Function<HostPort, R> call) {
    return with(vm, Errno.ENXIO, chip -> call.apply(chip.host()));
  }

  /**
   * Reads or restores a local APIC.
   *
   * @throws ErrnoException EINVAL without a controller, ENOENT for an unknown vCPU
   */
  public <R> R lapics(long vm, Function<HostPort, R> call) {
    return with(vm, Errno.EINVAL, chip -> call.apply(chip.host()));
  }

  /**
   * Lets a guest access its chips. Without a controller nobody claims the access.
   *
   * @throws ErrnoException ENOENT for an unknown vCPU, EAGAIN for a parked one
   */
  public GuestPort.Access guest(long vm, long vcpu, Function<GuestPort, GuestPort.Access> call) {
    return vms.with(
        vm,
        entry -> {
          requireVcpu(entry.vm(), vcpu);
          IrqChip chip = entry.vm().irqchip();
          if (chip == null) {
            return GuestPort.Access.UNHANDLED;
          }
          // An end of interrupt signals eventfds, and what those inject comes after it.
          return WorkQueue.keepingBack(() -> call.apply(chip.guest()));
        });
  }

  /** Run state and pending NMIs of a vCPU; ENOENT for an unknown one. */
  public Vcpu.Events events(long vm, long vcpu) {
    return vms.with(
        vm,
        entry -> {
          requireVcpu(entry.vm(), vcpu);
          IrqChip chip = entry.vm().irqchip();
          if (chip == null) {
            return AS_CREATED;
          }
          return chip.host().events(vcpu);
        });
  }

  /** Numbers of the vCPUs, in creation order. */
  public List<Integer> vcpus(long vm) {
    return vms.with(vm, entry -> entry.vm().vcpus());
  }

  private <R> R with(long vm, Errno without, Function<IrqChip, R> call) {
    return vms.with(
        vm,
        entry -> {
          IrqChip chip = entry.vm().irqchip();
          if (chip == null) {
            throw new ErrnoException(without, "vm-" + vm + " has no interrupt controller");
          }
          return call.apply(chip);
        });
  }

  private static void requireVcpu(Vm vm, long vcpu) {
    if (!vm.hasVcpu(vcpu)) {
      throw new ErrnoException(
          Errno.ENOENT, "vCPU " + vcpu + " of vm-" + vm.vmId() + " is unknown");
    }
  }
}
