package dev.virq.vm;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.irqchip.IrqChip;
import dev.virq.lapic.ApicBase;
import dev.virq.limits.Charge;
import dev.virq.limits.Cost;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The vCPUs of a VM. Those of a VM with a controller have local APICs, and are reached through it;
 * without one they have NMIs and an APIC base, which are here.
 *
 * <p>Any thread. Each call takes {@code kvm->lock} for itself, and fails with an {@link
 * IllegalStateException} on a destroyed VM unless it says that it works there.
 */
public final class VmVcpus {
  /** vCPU numbers are below this: KVM_CAP_MAX_VCPU_ID. */
  public static final int MAX_VCPUS = 4096;

  /** How many vCPUs a VM can have: KVM_CAP_MAX_VCPUS. */
  public static final int MOST_VCPUS = 1024;

  /** The largest number of a boot processor; one more than a vCPU can have, as Linux has it. */
  public static final int MAX_BOOT_VCPU = MAX_VCPUS;

  private final long vm;
  private final VmLock lock;
  private final VmIrqchip irqchip;
  private final Charge charge;

  @GuardedBy("lock")
  private final Vcpus vcpus;

  VmVcpus(long vm, VmLock lock, VmIrqchip irqchip, Charge charge) {
    this.vm = vm;
    this.lock = lock;
    this.irqchip = irqchip;
    this.charge = charge;
    this.vcpus = new Vcpus(vm);
  }

  /**
   * Says which vCPU is the boot processor: KVM_SET_BOOT_CPU_ID. It is number 0 otherwise. There
   * need not be one of that number, and then there is no boot processor.
   *
   * @param vcpu 0 to {@link #MAX_BOOT_VCPU}
   * @throws ErrnoException EBUSY after the first vCPU, EINVAL for another number
   */
  public void setBoot(long vcpu) {
    change(all -> all.choose(vcpu));
  }

  /** Number of the boot processor; 0 unless another was chosen. Works on a destroyed VM too. */
  public int boot() {
    return look(Vcpus::boot);
  }

  /**
   * Adds a vCPU: KVM_CREATE_VCPU. It has a local APIC when there is a controller; nothing runs on
   * it.
   *
   * @param vcpu its number, below {@link #MAX_VCPUS}
   * @throws ErrnoException EINVAL for another number, and when there are {@link #MOST_VCPUS};
   *     EEXIST for one in use
   */
  public void create(long vcpu) {
    Vcpus.check(vcpu);
    change(all -> {
      all.checkRoom();
      IrqChip chip = irqchip.now();
      if (all.has(vcpu)) {
        if (chip != null) {
          chip.refuseVcpu();
        }
        throw new ErrnoException(Errno.EEXIST, "vCPU " + vcpu + " of vm-" + vm + " already exists");
      }
      charge.acquire(Cost.VCPU.bytes() + (chip == null ? 0 : Cost.LOCAL_APIC.bytes()), Cost.VCPU);
      all.add((int) vcpu);
      if (chip != null) {
        chip.createVcpu((int) vcpu, vcpu == all.boot());
      }
    });
  }

  /** Whether there is one of that number. Works on a destroyed VM too. */
  public boolean has(long vcpu) {
    return look(all -> all.has(vcpu));
  }

  /** Numbers of the vCPUs, in creation order. Works on a destroyed VM too. */
  public List<Integer> list() {
    return look(Vcpus::list);
  }

  /**
   * Raises an NMI in a vCPU: KVM_NMI. The local APIC is not asked.
   *
   * @throws ErrnoException ENOENT for an unknown vCPU
   */
  public void raiseNmi(long vcpu) {
    change(all -> {
      all.require(vcpu);
      IrqChip chip = irqchip.now();
      if (chip != null) {
        chip.host().raiseNmi(vcpu);
      } else {
        all.raiseNmi((int) vcpu);
      }
    });
  }

  /**
   * Sets the NMIs of a vCPU: KVM_SET_VCPU_EVENTS. What is null stays.
   *
   * @param pending NMIs not taken yet; too many are fewer
   * @param masked whether it takes none
   * @throws ErrnoException ENOENT for an unknown vCPU
   */
  public void setNmis(long vcpu, @Nullable Integer pending, @Nullable Boolean masked) {
    change(all -> {
      all.require(vcpu);
      IrqChip chip = irqchip.now();
      if (chip != null) {
        chip.host().setNmis(vcpu, pending, masked);
      } else {
        all.setNmis((int) vcpu, pending, masked);
      }
    });
  }

  // ---- of a VM without controller

  /**
   * The NMIs and the APIC base of a vCPU of a VM without controller.
   *
   * @throws ErrnoException ENOENT for an unknown vCPU
   */
  public VmState.PlainVcpu plain(long vcpu) {
    return ask(all -> {
      all.require(vcpu);
      return all.whole((int) vcpu);
    });
  }

  /**
   * A vCPU of a VM without controller takes its pending NMIs unless they are masked; how many it
   * took.
   *
   * @throws ErrnoException ENOENT for an unknown vCPU
   */
  public int takeNmis(long vcpu) {
    return ask(all -> {
      all.require(vcpu);
      return all.takeNmis((int) vcpu);
    });
  }

  /**
   * Looks at or changes the APIC base of a vCPU of a VM without controller.
   *
   * @param call runs under the VM's lock
   * @throws ErrnoException ENOENT for an unknown vCPU
   */
  public <R> R withPlainBase(long vcpu, Function<ApicBase, R> call) {
    return ask(all -> {
      all.require(vcpu);
      return call.apply(all.base((int) vcpu));
    });
  }

  // ---- all of them

  /** Whether there is one. */
  boolean any() {
    return ask(all -> all.count() > 0);
  }

  /** All of a VM without controller, in creation order. */
  List<VmState.PlainVcpu> whole() {
    return ask(all -> all.list().stream().map(all::whole).toList());
  }

  /** Those of a VM without controller, which are there, become what others were. */
  void become(List<VmState.PlainVcpu> states) {
    change(all -> states.forEach(all::become));
  }

  /** Forgets them all, of a destroyed VM. */
  void clear() {
    Vcpus _ =
        look(all -> {
          all.clear();
          return all;
        });
  }

  private void change(Consumer<Vcpus> call) {
    Vcpus _ =
        ask(all -> {
          call.accept(all);
          return all;
        });
  }

  /** On a VM that is used. */
  @SuppressWarnings("GuardedBy") // a lock that Error Prone does not know
  private <R> R ask(Function<Vcpus, R> call) {
    lock.lock();
    try {
      return call.apply(vcpus);
    } finally {
      lock.unlock();
    }
  }

  /** On a destroyed VM too. */
  @SuppressWarnings("GuardedBy") // a lock that Error Prone does not know
  private <R> R look(Function<Vcpus, R> call) {
    lock.acquire();
    try {
      return call.apply(vcpus);
    } finally {
      lock.unlock();
    }
  }
}
