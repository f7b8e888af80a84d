package dev.virq.host;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.irqchip.Access;
import dev.virq.irqchip.GuestMsrs;
import dev.virq.irqchip.GuestPort;
import dev.virq.irqchip.HostPort;
import dev.virq.irqchip.IrqChip;
import dev.virq.lapic.ApicBase;
import dev.virq.lapic.RunState;
import dev.virq.lapic.Vcpu;
import dev.virq.sync.Sleep;
import dev.virq.vm.Vm;
import dev.virq.vm.VmState;
import dev.virq.vm.VmVcpus;
import dev.virq.workqueue.KeptBack;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The calls on a VM's vCPUs: KVM_SET_BOOT_CPU_ID, KVM_CREATE_VCPU, KVM_GET/SET_LAPIC,
 * KVM_GET/SET_VCPU_EVENTS, KVM_SET_MP_STATE, KVM_NMI, and what a guest does.
 *
 * <p>Any thread, no lock held. Every call answers EBADF when the VM is closed.
 */
public final class VcpuCalls {
  private final VmCalls vms;

  VcpuCalls(VmCalls vms) {
    this.vms = vms;
  }

  /** Says which is the boot processor; as {@link VmVcpus#setBoot}. */
  public void boot(long vm, long vcpu) {
    vms.with(
        vm,
        file -> {
          file.vm().vcpus().setBoot(vcpu);
          return file;
        });
  }

  /** The user agrees to more of x2APIC; as {@link Vm#agreeToX2Apic}. */
  public void x2apic(long vm, long flags) {
    vms.with(
        vm,
        file -> {
          file.vm().agreeToX2Apic(flags);
          return file;
        });
  }

  /** Adds a vCPU; as {@link VmVcpus#create}. */
  public void create(long vm, long vcpu) {
    vms.with(
        vm,
        file -> {
          file.vm().vcpus().create(vcpu);
          return file;
        });
  }

  /** Numbers of the vCPUs, in creation order. */
  public List<Integer> list(long vm) {
    return vms.with(vm, file -> file.vm().vcpus().list());
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
   * @throws ErrnoException ENOENT for an unknown vCPU, EAGAIN for one that does not run
   */
  public Access guest(long vm, long vcpu, Function<GuestPort, Access> call) {
    return guest(vm, vcpu, entry -> Access.UNHANDLED, call);
  }

  /**
   * Lets a guest access a model-specific register of its vCPU.
   *
   * @param value what to store; null for a load
   * @throws ErrnoException as the other, and EINVAL where the guest would fault
   */
  public Access guestMsr(long vm, long vcpu, long register, @Nullable Long value) {
    return guest(
        vm,
        vcpu,
        entry ->
            entry
                .vm()
                .vcpus()
                .withPlainBase(vcpu, base -> GuestMsrs.plain(vcpu, base, register, value)),
        guest ->
            value == null ? guest.readMsr(vcpu, register) : guest.writeMsr(vcpu, register, value));
  }

  /**
   * A guest ends its highest interrupt in service. Without a controller the store is not claimed.
   *
   * @throws ErrnoException ENOENT for an unknown vCPU, EAGAIN for one that does not run, EINVAL
   *     where the guest would fault: in x2APIC mode without a controller
   */
  public Access eoi(long vm, long vcpu) {
    return guest(
        vm,
        vcpu,
        entry -> entry.vm().vcpus().withPlainBase(vcpu, base -> GuestMsrs.plainEnd(vcpu, base)),
        guest -> guest.eoi(vcpu));
  }

  /** A vCPU takes and ends no more interrupts in one call. */
  public static final int MOST_SERVED = 20_000;

  /** After so many interrupts others come in: together they take 2 milliseconds at most. */
  static final int SERVED_IN_A_ROW = 64;

  /**
   * What became of a vCPU's interrupts.
   *
   * @param times how often one was taken and ended
   * @param nmis NMIs taken meanwhile
   */
  public record Served(int times, int nmis) {}

  /**
   * A vCPU takes its highest deliverable vector into service and ends it, again and again until
   * there is none: each time in one step, and others come in between. A local APIC that its base
   * disables takes nothing, and an end that ends nothing is the last, and does not count.
   *
   * <p>Now and then the thread's place goes to others that wait ({@link Sleep#pass}). When the VM
   * is closed, the host shut down or the vCPU stopped meanwhile, the rest is not done.
   *
   * @param times how often at most, up to {@link #MOST_SERVED}
   * @throws ErrnoException EINVAL without a controller, ENOENT for an unknown vCPU, EAGAIN for a
   *     parked one; EBADF, ECANCELED also in the middle
   */
  public Served serve(long vm, long vcpu, int times) {
    RunState state = lapics(vm, port -> port.events(vcpu)).runState();
    if (state != RunState.RUNNABLE) {
      throw new ErrnoException(
          Errno.EAGAIN, "vCPU %d does not run: it is %s".formatted(vcpu, state));
    }
    int served = 0;
    int nmis = 0;
    while (served < times) {
      Access end = guest(vm, vcpu, port -> port.serve(vcpu));
      nmis += end.nmis();
      if (end.ended() == null) {
        break;
      }
      if (++served % SERVED_IN_A_ROW == 0) {
        Sleep.pass();
      }
    }
    return new Served(served, nmis);
  }

  private Access guest(
      long vm, long vcpu, Function<VmFile, Access> without, Function<GuestPort, Access> call) {
    return vms.with(
        vm,
        entry -> {
          requireVcpu(entry.vm(), vcpu);
          IrqChip chip = entry.vm().irqchip();
          if (chip == null) {
            int taken = entry.vm().vcpus().takeNmis(vcpu);
            return without.apply(entry).after(taken);
          }
          // An end of interrupt signals eventfds, and what those inject comes after it.
          return KeptBack.during(() -> call.apply(chip.guest()));
        });
  }

  /** The APIC base of a vCPU; ENOENT for an unknown one. */
  public long apicBase(long vm, long vcpu) {
    return vms.with(
        vm,
        entry -> {
          requireVcpu(entry.vm(), vcpu);
          IrqChip chip = entry.vm().irqchip();
          return chip == null
              ? entry.vm().vcpus().withPlainBase(vcpu, ApicBase::value)
              : (Long) chip.host().apicBase(vcpu);
        });
  }

  /**
   * Sets the APIC base of a vCPU, from any mode to any; it.
   *
   * @throws ErrnoException ENOENT for an unknown vCPU, EINVAL when the value is refused
   */
  public long setApicBase(long vm, long vcpu, long value) {
    return vms.with(
        vm,
        entry -> {
          requireVcpu(entry.vm(), vcpu);
          IrqChip chip = entry.vm().irqchip();
          if (chip != null) {
            return chip.host().setApicBase(vcpu, value);
          }
          return entry
              .vm()
              .vcpus()
              .withPlainBase(
                  vcpu,
                  base -> {
                    GuestMsrs.refuse(vcpu, ApicBase.REGISTER, value, base.refusal(value, false));
                    base.set(value);
                    return value;
                  });
        });
  }

  /**
   * Gives a vCPU a CPUID table: KVM_SET_CPUID2. Without a controller x2APIC is all that matters of
   * it.
   *
   * @param deadline whether the timer of its local APIC can count to a deadline
   * @param x2apic whether its local APIC has x2APIC mode
   * @throws ErrnoException ENOENT for an unknown vCPU, EINVAL for one that has run
   */
  public void cpuid(long vm, long vcpu, boolean deadline, boolean x2apic) {
    vms.with(
        vm,
        entry -> {
          requireVcpu(entry.vm(), vcpu);
          IrqChip chip = entry.vm().irqchip();
          if (chip != null) {
            chip.host().cpuid(vcpu, deadline, x2apic);
            return entry;
          }
          return entry
              .vm()
              .vcpus()
              .withPlainBase(
                  vcpu,
                  base -> {
                    base.allow(x2apic);
                    return entry;
                  });
        });
  }

  /** Raises an NMI in a vCPU; as {@link VmVcpus#raiseNmi}. */
  public void nmi(long vm, long vcpu) {
    vms.with(
        vm,
        file -> {
          file.vm().vcpus().raiseNmi(vcpu);
          return file;
        });
  }

  /** Sets the NMIs of a vCPU; as {@link VmVcpus#setNmis}. */
  public void setNmis(long vm, long vcpu, @Nullable Integer pending, @Nullable Boolean masked) {
    vms.with(
        vm,
        file -> {
          file.vm().vcpus().setNmis(vcpu, pending, masked);
          return file;
        });
  }

  /**
   * Says whether a vCPU runs: KVM_SET_MP_STATE.
   *
   * @param code the number of a {@link RunState}
   * @throws ErrnoException ENOENT for an unknown vCPU; EINVAL for another number, and without a
   *     controller for any but that of RUNNABLE
   */
  public void setRunState(long vm, long vcpu, long code) {
    vms.with(
        vm,
        entry -> {
          requireVcpu(entry.vm(), vcpu);
          RunState state = RunState.of(code);
          if (state == null) {
            throw new ErrnoException(Errno.EINVAL, "x86 has no MP state " + code);
          }
          IrqChip chip = entry.vm().irqchip();
          if (chip != null) {
            chip.host().setRunState(vcpu, state);
          } else if (state != RunState.RUNNABLE) {
            throw new ErrnoException(
                Errno.EINVAL,
                "vCPU %d of vm-%d has no local APIC, and can be RUNNABLE only, not %s"
                    .formatted(vcpu, vm, state));
          }
          return entry;
        });
  }

  /**
   * Lets a halted vCPU run with interrupts on; it wakes if an interrupt or NMI is there.
   *
   * @throws ErrnoException ENOENT for an unknown vCPU; EAGAIN for one that does not run then
   */
  public void wake(long vm, long vcpu) {
    vms.with(
        vm,
        entry -> {
          requireVcpu(entry.vm(), vcpu);
          IrqChip chip = entry.vm().irqchip();
          if (chip != null) {
            chip.guest().wake(vcpu);
          }
          return entry;
        });
  }

  /** Run state and NMIs of a vCPU; ENOENT for an unknown one. */
  public Vcpu.Events events(long vm, long vcpu) {
    return vms.with(
        vm,
        entry -> {
          requireVcpu(entry.vm(), vcpu);
          IrqChip chip = entry.vm().irqchip();
          if (chip == null) {
            VmState.PlainVcpu plain = entry.vm().vcpus().plain(vcpu);
            return new Vcpu.Events(RunState.RUNNABLE, plain.nmis(), plain.nmiMasked());
          }
          return chip.host().events(vcpu);
        });
  }

  private static void requireVcpu(Vm vm, long vcpu) {
    if (!vm.vcpus().has(vcpu)) {
      throw new ErrnoException(
          Errno.ENOENT, "vCPU " + vcpu + " of vm-" + vm.vmId() + " is unknown");
    }
  }
}
