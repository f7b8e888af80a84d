package dev.virq.vm;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.irqchip.IrqChip;
import dev.virq.lapic.ApicBase;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of a VM's vCPUs, and which is the boot processor. NMIs and APIC bases are here for a
 * VM without controller, whose vCPUs have nothing else.
 *
 * <p>The VM's lock guards it; nothing waits.
 */
final class Vcpus {
  private final long vm;

  /** Each vCPU's pending NMIs by its number, in creation order. */
  private @Nullable Map<Integer, Integer> nmis;

  /** The APIC bases that were asked for, by number. */
  private @Nullable Map<Integer, ApicBase> bases;

  private int boot;

  Vcpus(long vm) {
    this.vm = vm;
  }

  /** How many there are. */
  int count() {
    return numbers().size();
  }

  /** Whether there is one of that number. */
  boolean has(long vcpu) {
    return vcpu == (int) vcpu && numbers().contains((int) vcpu);
  }

  /** In creation order. */
  List<Integer> list() {
    return List.copyOf(numbers());
  }

  private Set<Integer> numbers() {
    Map<Integer, Integer> by = nmis;
    return by == null ? Set.of() : by.keySet();
  }

  /** Number of the boot processor. */
  int boot() {
    return boot;
  }

  /**
   * Chooses the boot processor.
   *
   * @throws ErrnoException EBUSY after the first vCPU, EINVAL for a number that none can have
   */
  void choose(long vcpu) {
    // In this order on Linux.
    if (count() > 0) {
      throw new ErrnoException(
          Errno.EBUSY,
          "vm-" + vm + " already has vCPUs; choose the boot processor before the first");
    }
    if (vcpu < 0 || vcpu > Vm.MAX_BOOT_VCPU) {
      throw new ErrnoException(
          Errno.EINVAL, "boot vCPU number " + vcpu + " is outside 0.." + Vm.MAX_BOOT_VCPU);
    }
    boot = (int) vcpu;
  }

  /**
   * Refuses what cannot be a number of a vCPU, needing no lock.
   *
   * @throws ErrnoException EINVAL
   */
  static void check(long vcpu) {
    if (vcpu < 0 || vcpu >= Vm.MAX_VCPUS) {
      throw new ErrnoException(
          Errno.EINVAL, "vCPU number " + vcpu + " is outside 0.." + (Vm.MAX_VCPUS - 1));
    }
  }

  /**
   * Refuses one more than there can be.
   *
   * @throws ErrnoException EINVAL
   */
  void checkRoom() {
    if (count() >= Vm.MOST_VCPUS) {
      throw new ErrnoException(
          Errno.EINVAL, "vm-" + vm + " has " + Vm.MOST_VCPUS + " vCPUs, and can have no more");
    }
  }

  /** Adds one; there is room, and none of that number. */
  void add(int vcpu) {
    Map<Integer, Integer> by = nmis;
    if (by == null) {
      by = new LinkedHashMap<>();
      nmis = by;
    }
    by.put(vcpu, 0);
  }

  /** Raises an NMI in one that is there. */
  void raiseNmi(int vcpu) {
    Map<Integer, Integer> by = nmis;
    if (by != null) {
      int _ = by.merge(vcpu, 1, (before, more) -> Math.min(IrqChip.MOST_NMIS, before + more));
    }
  }

  /** Pending NMIs of one that is there; with {@code taken} it takes them. */
  int nmis(int vcpu, boolean taken) {
    Map<Integer, Integer> by = nmis;
    Integer pending = by == null ? null : taken ? by.replace(vcpu, 0) : by.get(vcpu);
    return pending == null ? 0 : pending;
  }

  /** The APIC base of one that is there. */
  ApicBase base(int vcpu) {
    Map<Integer, ApicBase> by = bases;
    if (by == null) {
      by = new HashMap<>();
      bases = by;
    }
    return by.computeIfAbsent(vcpu, number -> new ApicBase(number == boot));
  }

  /** One that is there, whole. */
  VmState.PlainVcpu whole(int vcpu) {
    Map<Integer, ApicBase> by = bases;
    ApicBase known = by == null ? null : by.get(vcpu);
    ApicBase base = known == null ? new ApicBase(vcpu == boot) : known;
    return new VmState.PlainVcpu(vcpu, nmis(vcpu, false), base.value(), base.extensible());
  }

  /**
   * Demands that there is one of that number.
   *
   * @throws ErrnoException ENOENT
   */
  void require(long vcpu) {
    if (!has(vcpu)) {
      throw new ErrnoException(Errno.ENOENT, "vCPU " + vcpu + " of vm-" + vm + " is unknown");
    }
  }

  /** One that is there becomes what another was. */
  void become(VmState.PlainVcpu state) {
    Map<Integer, Integer> by = nmis;
    if (by != null) {
      by.put(state.number(), state.nmis());
      ApicBase base = base(state.number());
      base.set(state.base());
      base.allow(state.x2apic());
    }
  }

  /** Forgets them all. */
  void clear() {
    nmis = null;
    bases = null;
  }
}
