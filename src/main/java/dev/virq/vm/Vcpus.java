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

  /**
   * NMIs of one without local APIC.
   *
   * @param pending not taken yet
   * @param masked whether it takes none
   */
  private record Nmis(int pending, boolean masked) {
    static final Nmis NONE = new Nmis(0, false);

    /** Keeps as many as can be pending. */
    Nmis {
      pending = Math.min(pending, IrqChip.mostNmis(masked));
    }
  }

  /** Each vCPU's NMIs by its number, in creation order. */
  private @Nullable Map<Integer, Nmis> nmis;

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
    Map<Integer, Nmis> by = nmis;
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
    if (vcpu < 0 || vcpu > VmVcpus.MAX_BOOT_VCPU) {
      throw new ErrnoException(
          Errno.EINVAL, "boot vCPU number " + vcpu + " is outside 0.." + VmVcpus.MAX_BOOT_VCPU);
    }
    boot = (int) vcpu;
  }

  /**
   * Refuses what cannot be a number of a vCPU, needing no lock.
   *
   * @throws ErrnoException EINVAL
   */
  static void check(long vcpu) {
    if (vcpu < 0 || vcpu >= VmVcpus.MAX_VCPUS) {
      throw new ErrnoException(
          Errno.EINVAL, "vCPU number " + vcpu + " is outside 0.." + (VmVcpus.MAX_VCPUS - 1));
    }
  }

  /**
   * Refuses one more than there can be.
   *
   * @throws ErrnoException EINVAL
   */
  void checkRoom() {
    if (count() >= VmVcpus.MOST_VCPUS) {
      throw new ErrnoException(
          Errno.EINVAL, "vm-" + vm + " has " + VmVcpus.MOST_VCPUS + " vCPUs, and can have no more");
    }
  }

  /** Adds one; there is room, and none of that number. */
  void add(int vcpu) {
    Map<Integer, Nmis> by = nmis;
    if (by == null) {
      by = new LinkedHashMap<>();
      nmis = by;
    }
    by.put(vcpu, Nmis.NONE);
  }

  /** Raises an NMI in one that is there. */
  void raiseNmi(int vcpu) {
    Nmis before = nmis(vcpu);
    put(vcpu, new Nmis(before.pending() + 1, before.masked()));
  }

  /** One that is there takes its pending NMIs unless they are masked; how many it took. */
  int takeNmis(int vcpu) {
    Nmis before = nmis(vcpu);
    if (before.masked()) {
      return 0;
    }
    put(vcpu, Nmis.NONE);
    return before.pending();
  }

  /** Sets the NMIs of one that is there; what is null stays. */
  void setNmis(int vcpu, @Nullable Integer pending, @Nullable Boolean masked) {
    Nmis before = nmis(vcpu);
    put(
        vcpu,
        new Nmis(
            pending == null ? before.pending() : pending,
            masked == null ? before.masked() : masked));
  }

  private Nmis nmis(int vcpu) {
    Map<Integer, Nmis> by = nmis;
    return by == null ? Nmis.NONE : by.getOrDefault(vcpu, Nmis.NONE);
  }

  private void put(int vcpu, Nmis now) {
    Map<Integer, Nmis> by = nmis;
    if (by != null) {
      by.put(vcpu, now);
    }
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
    Nmis now = nmis(vcpu);
    return new VmState.PlainVcpu(
        vcpu, now.pending(), now.masked(), base.value(), base.extensible());
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
    setNmis(state.number(), state.nmis(), state.nmiMasked());
    ApicBase base = base(state.number());
    base.set(state.base());
    base.allow(state.x2apic());
  }

  /** Forgets them all. */
  void clear() {
    nmis = null;
    bases = null;
  }
}
