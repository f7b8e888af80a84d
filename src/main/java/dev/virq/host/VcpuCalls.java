package dev.virq.host;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.irqchip.Access;
import dev.virq.irqchip.GuestPort;
import dev.virq.irqchip.HostPort;
import dev.virq.irqchip.IrqChip;
import dev.virq.lapic.Vcpu;
import dev.virq.vm.Vm;
import dev.virq.workqueue.WorkQueue;
import java.util.List;
import java.util.function.Function;

/**
 * The calls on a VM's vCPUs: KVM_SET_BOOT_CPU_ID, KVM_CREATE_VCPU, KVM_GET/SET_LAPIC,
 * KVM_GET_VCPU_EVENTS, KVM_NMI, and what a guest does.
 *
 * <p>Any thread, no lock held. Every call answers EBADF when the VM is closed.
 */
public final class VcpuCalls {
  private final VmCalls vms;

  VcpuCalls(VmCalls vms) {
    this.vms = vms;
  }

  /** Says which is the boot processor; as {@link Vm#setBootVcpu}. */
  public void boot(long vm, long vcpu) {
    vms.with(
        vm,
        file -> {
          file.vm().setBootVcpu(vcpu);
          return file;
        });
  }

  /** Adds a vCPU; as {@link Vm#createVcpu}. */
  public void create(long vm, long vcpu) {
    vms.with(
        vm,
        file -> {
          file.vm().createVcpu(vcpu);
          return file;
        });
  }

  /** Numbers of the vCPUs, in creation order. */
  public List<Integer> list(long vm) {
    return vms.with(vm, file -> file.vm().vcpus());
  }

  /**
   * Reads or restores a local APIC.
   *
   * @throws ErrnoException EINVAL without a controller, ENOENT for an unknown vCPU
   */
  public <R> R lapics(long vm, Function<HostPort, R> call) {
    return vms.with(
        vm,
        file -> {
          IrqChip chip = file.vm().irqchip();
          if (chip == null) {
            throw new ErrnoException(Errno.EINVAL, "vm-" + vm + " has no interrupt controller");
          }
          return call.apply(chip.host());
        });
  }

  /**
   * Lets a guest access its chips. Without a controller the access is not claimed.
   *
   * @throws ErrnoException ENOENT for an unknown vCPU, EAGAIN for a parked one
   */
  public Access guest(long vm, long vcpu, Function<GuestPort, Access> call) {
    return guest(vm, vcpu, Access.UNHANDLED, call);
  }

  /**
   * Lets a guest access a register of its vCPU. Without a controller there is one that is 0.
   *
   * @throws ErrnoException as the other
   */
  public Access guestMsr(long vm, long vcpu, Function<GuestPort, Access> call) {
    return guest(vm, vcpu, Access.ZERO, call);
  }

  /** A vCPU takes and ends no more interrupts in one call. */
  public static final int MOST_SERVED = 20_000;

  /**
   * What became of a vCPU's interrupts.
   *
   * @param times how often one was taken and ended
   * @param nmis NMIs taken meanwhile
   */
  public record Served(int times, int nmis) {}

  /**
   * A vCPU takes its highest deliverable vector into service and ends it, again and again until
   * there is none: each time as two calls, between which others come.
   *
   * @param times how often at most, up to {@link #MOST_SERVED}
   * @throws ErrnoException EINVAL without a controller, ENOENT for an unknown vCPU, EAGAIN for a
   *     parked one
   */
  public Served serve(long vm, long vcpu, int times) {
    if (lapics(vm, port -> port.events(vcpu)).runState() == Vcpu.RunState.PARKED) {
      throw new ErrnoException(
          Errno.EAGAIN, "vCPU " + vcpu + " is parked: it is waiting for a start-up message");
    }
    int served = 0;
    int nmis = 0;
    while (served < times && lapics(vm, port -> port.takeVector(vcpu)) >= 0) {
      nmis += guest(vm, vcpu, port -> port.eoi(vcpu)).nmis();
      served++;
    }
    return new Served(served, nmis);
  }

  private Access guest(long vm, long vcpu, Access without, Function<GuestPort, Access> call) {
    return vms.with(
        vm,
        entry -> {
          requireVcpu(entry.vm(), vcpu);
          IrqChip chip = entry.vm().irqchip();
          if (chip == null) {
            return without.after(entry.vm().nmis(vcpu, true));
          }
          // An end of interrupt signals eventfds, and what those inject comes after it.
          return WorkQueue.keepingBack(() -> call.apply(chip.guest()));
        });
  }

  /**
   * Gives a vCPU a CPUID table: KVM_SET_CPUID2. Without a controller it has no effect.
   *
   * @param deadline whether the timer of its local APIC can count to a deadline
   * @throws ErrnoException ENOENT for an unknown vCPU, EINVAL for one that has run
   */
  public void cpuid(long vm, long vcpu, boolean deadline) {
    vms.with(
        vm,
        entry -> {
          requireVcpu(entry.vm(), vcpu);
          IrqChip chip = entry.vm().irqchip();
          if (chip != null) {
            chip.host().cpuid(vcpu, deadline);
          }
          return entry;
        });
  }

  /** Raises an NMI in a vCPU; as {@link Vm#raiseNmi}. */
  public void nmi(long vm, long vcpu) {
    vms.with(
        vm,
        file -> {
          file.vm().raiseNmi(vcpu);
          return file;
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
            return new Vcpu.Events(Vcpu.RunState.RUNNABLE, entry.vm().nmis(vcpu, false));
          }
          return chip.host().events(vcpu);
        });
  }

  private static void requireVcpu(Vm vm, long vcpu) {
    if (!vm.hasVcpu(vcpu)) {
      throw new ErrnoException(
          Errno.ENOENT, "vCPU " + vcpu + " of vm-" + vm.vmId() + " is unknown");
    }
  }
}
