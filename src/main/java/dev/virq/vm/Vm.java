package dev.virq.vm;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.chip.IrqLine;
import dev.virq.chip.IrqSource;
import dev.virq.clock.SandboxClock;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.irqchip.FormerChip;
import dev.virq.irqchip.IrqChip;
import dev.virq.lapic.ApicBase;
import dev.virq.lapic.X2ApicApi;
import dev.virq.limits.Budget;
import dev.virq.limits.Charge;
import dev.virq.limits.Cost;
import dev.virq.routing.RoutingEntry;
import dev.virq.routing.RoutingTable;
import dev.virq.sync.BrokenLifetime;
import dev.virq.sync.ControlledWait;
import dev.virq.sync.RefCount;
import dev.virq.trace.Subject;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A virtual machine: {@code struct kvm}.
 *
 * <p>Lives as long as a reference is held; the caller that drops the last one destroys it, outside
 * every lock and read section. Its lock is {@code kvm->lock}: it guards the controller and the list
 * of irqfds, and readers take it inside their read section, so no thread may wait for a grace
 * period or flush work while holding it.
 */
public final class Vm implements Subject {
  /** vCPU numbers are below this: KVM_CAP_MAX_VCPU_ID. */
  public static final int MAX_VCPUS = 4096;

  /** How many vCPUs a VM can have: KVM_CAP_MAX_VCPUS. */
  public static final int MOST_VCPUS = 1024;

  /** The largest number of a boot processor; one more than a vCPU can have, as Linux has it. */
  public static final int MAX_BOOT_VCPU = MAX_VCPUS;

  private final long id;
  private final ReentrantLock lock = new ReentrantLock();
  private final RefCount references;
  private final Runnable destroyed;
  private final Charge charge;
  private final SandboxClock clock;

  @GuardedBy("lock")
  private final Vcpus vcpus;

  /** Flags of {@link X2ApicApi}. */
  @GuardedBy("lock")
  private int x2apic;

  /** Bytes of the charge that are for the routing table; none for the one that it begins with. */
  @GuardedBy("lock")
  private long routingBytes;

  /**
   * Written under the lock, and taken away when the VM is retired; volatile so that whether there
   * is one needs no lock.
   */
  private volatile @Nullable IrqChip irqchip;

  /** What a retired VM keeps of its controller; volatile as the controller is. */
  private volatile @Nullable FormerChip former;

  /**
   * A VM without controller; the caller holds its first reference.
   *
   * @param id its number in the sandbox, for observers
   * @param destroyed called once, by the caller that drops the last reference
   */
  public Vm(long id, Runnable destroyed) {
    this(id, new Charge(Budget.unbounded()), destroyed);
  }

  /**
   * As {@link #Vm(long, Runnable)}, and what it grows to is charged.
   *
   * @param charge takes the bytes of everything that the VM is given
   */
  public Vm(long id, Charge charge, Runnable destroyed) {
    this(id, charge, SandboxClock.standing(), destroyed);
  }

  /**
   * As the others, with timers that go by a clock.
   *
   * @param clock of the timers
   */
  public Vm(long id, Charge charge, SandboxClock clock, Runnable destroyed) {
    this.id = id;
    this.charge = charge;
    this.clock = clock;
    this.vcpus = new Vcpus(id);
    this.references = new RefCount("vm-" + id);
    this.destroyed = destroyed;
  }

  @Override
  public long vmId() {
    return id;
  }

  /** References held now; 0 once destroyed. */
  public int references() {
    return references.get();
  }

  /**
   * Takes a reference: {@code kvm_get_kvm_safe}.
   *
   * @return false when the VM is destroyed; never brings it back
   */
  public boolean tryGet() {
    return references.tryGet();
  }

  /**
   * Drops a reference: {@code kvm_put_kvm}. The last one destroys the VM.
   *
   * @return whether this was the last
   * @throws IllegalStateException when there was none left to drop, or the VM's lock is held
   */
  public boolean put() {
    if (lock.isHeldByCurrentThread()) {
      throw new IllegalStateException("vm-" + id + " put while its lock is held");
    }
    boolean last = references.put();
    if (last) {
      destroyed.run();
    }
    return last;
  }

  /**
   * Takes {@code kvm->lock}.
   *
   * @throws IllegalStateException when the VM is destroyed: a reader used it after its grace period
   */
  public void lock() {
    acquire();
    if (references.get() == 0) {
      lock.unlock();
      throw new BrokenLifetime(
          BrokenLifetime.Kind.USE_AFTER_FREE, "vm-" + id, "used after its destruction");
    }
  }

  /** How everybody takes the lock: who has it may have given its turn away. */
  private void acquire() {
    if (lock.isLocked() && !lock.isHeldByCurrentThread()) {
      ControlledWait.before(() -> !lock.isLocked());
    }
    lock.lock();
  }

  /** Releases {@code kvm->lock}. */
  public void unlock() {
    lock.unlock();
  }

  /** Whether the calling thread holds {@code kvm->lock}. */
  public boolean isLockedByCurrentThread() {
    return lock.isHeldByCurrentThread();
  }

  /** The controller, or null before there is one and once the VM is retired. */
  public @Nullable IrqChip irqchip() {
    return irqchip;
  }

  /** Which controller it has or had, or null when it never had one. */
  public IrqChip.@Nullable Kind kind() {
    IrqChip chip = irqchip;
    FormerChip gone = former;
    return gone != null ? gone.kind() : chip == null ? null : chip.kind();
  }

  /** Pins reserved for user space; 0 without a split controller. */
  public int reservedPins() {
    IrqChip chip = irqchip;
    FormerChip gone = former;
    return gone != null ? gone.reservedPins() : chip == null ? 0 : chip.reservedPins();
  }

  /**
   * Lets go of the controller and the vCPUs, but for what can still be looked at. The VM is
   * destroyed.
   *
   * @return how many lines it keeps more of than that they were routed
   */
  @SuppressWarnings("GuardedBy") // acquire() takes the lock
  public int retire() {
    acquire();
    try {
      if (references.get() > 0) {
        throw new IllegalStateException("vm-" + id + " retired while it is used");
      }
      vcpus.clear();
      IrqChip chip = irqchip;
      if (chip == null) {
        FormerChip before = former;
        return before == null ? 0 : before.movedLines();
      }
      FormerChip kept = new FormerChip(chip);
      // In this order: what looks at a line finds one of the two, and looks again afterwards.
      former = kept;
      irqchip = null;
      chip.retire();
      return kept.movedLines();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives the VM its controller: KVM_CREATE_IRQCHIP, or KVM_CAP_SPLIT_IRQCHIP.
   *
   * @param kind which
   * @param reservedPins for a split controller; 0 to 4096
   * @throws ErrnoException EINVAL too many pins, or a full controller after the first vCPU; EEXIST
   *     when there is a controller, or a split controller comes after the first vCPU
   */
  @SuppressWarnings("GuardedBy") // lock() takes the lock, and checks that the VM is alive
  public void createIrqchip(IrqChip.Kind kind, long reservedPins) {
    boolean split = kind == IrqChip.Kind.SPLIT;
    if (split && (reservedPins < 0 || reservedPins > IrqChip.MAX_RESERVED_PINS)) {
      throw new ErrnoException(
          Errno.EINVAL,
          "reservedPins " + reservedPins + " is outside 0.." + IrqChip.MAX_RESERVED_PINS);
    }
    lock();
    try {
      if (irqchip != null) {
        throw new ErrnoException(Errno.EEXIST, "vm-" + id + " already has an interrupt controller");
      }
      if (vcpus.count() > 0) {
        throw new ErrnoException(
            split ? Errno.EEXIST : Errno.EINVAL,
            "vm-" + id + " already has vCPUs; create the controller before them");
      }
      charge.acquire(split ? Cost.SPLIT_IRQCHIP : Cost.FULL_IRQCHIP);
      IrqChip chip = new IrqChip(kind, (int) reservedPins, clock);
      chip.host().agree(x2apic);
      irqchip = chip;
    } finally {
      unlock();
    }
  }

  /**
   * Says which vCPU is the boot processor: KVM_SET_BOOT_CPU_ID. It is number 0 otherwise. There
   * need not be one of that number, and then there is no boot processor.
   *
   * @param vcpu 0 to 4096
   * @throws ErrnoException EBUSY after the first vCPU, EINVAL for another number
   */
  @SuppressWarnings("GuardedBy") // lock() takes the lock, and checks that the VM is alive
  public void setBootVcpu(long vcpu) {
    lock();
    try {
      vcpus.choose(vcpu);
    } finally {
      unlock();
    }
  }

  /** Number of the boot processor; 0 unless another was chosen. Works on a destroyed VM too. */
  public int bootVcpu() {
    return look(Vcpus::boot);
  }

  /**
   * The user agrees to more of x2APIC: KVM_CAP_X2APIC_API. At any time; what was agreed to stays.
   *
   * @param flags of {@link X2ApicApi}
   * @throws ErrnoException EINVAL for other flags
   */
  @SuppressWarnings("GuardedBy") // lock() takes the lock, and checks that the VM is alive
  public void agreeToX2Apic(long flags) {
    if ((flags & ~X2ApicApi.ALL) != 0) {
      throw new ErrnoException(
          Errno.EINVAL,
          "x2APIC flags 0x%x are not supported: 1 and 2 are".formatted(flags & ~X2ApicApi.ALL));
    }
    lock();
    try {
      x2apic |= (int) flags;
      IrqChip chip = irqchip;
      if (chip != null) {
        chip.host().agree(x2apic);
      }
    } finally {
      unlock();
    }
  }

  /** Flags of x2APIC that the user has agreed to. Works on a destroyed VM too. */
  public int x2apic() {
    acquire();
    try {
      return x2apic;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Adds a vCPU: KVM_CREATE_VCPU. It has a local APIC when there is a controller; nothing runs on
   * it.
   *
   * @param vcpu its number, 0 to 4095
   * @throws ErrnoException EINVAL for another number, and when there are 1024; EEXIST for one in
   *     use
   */
  @SuppressWarnings("GuardedBy") // lock() takes the lock, and checks that the VM is alive
  public void createVcpu(long vcpu) {
    Vcpus.check(vcpu);
    lock();
    try {
      vcpus.checkRoom();
      IrqChip chip = irqchip;
      if (vcpus.has(vcpu)) {
        if (chip != null) {
          chip.refuseVcpu();
        }
        throw new ErrnoException(Errno.EEXIST, "vCPU " + vcpu + " of vm-" + id + " already exists");
      }
      charge.acquire(Cost.VCPU.bytes() + (chip == null ? 0 : Cost.LOCAL_APIC.bytes()), Cost.VCPU);
      vcpus.add((int) vcpu);
      if (chip != null) {
        chip.createVcpu((int) vcpu, vcpu == vcpus.boot());
      }
    } finally {
      unlock();
    }
  }

  /**
   * Drives a line on the user's behalf: KVM_IRQ_LINE_STATUS.
   *
   * @return more than 0 delivered, 0 coalesced, -1 ignored
   * @throws ErrnoException ENXIO without a controller
   */
  public int setLine(long gsi, boolean high) {
    return setLine(gsi, high, true);
  }

  /**
   * Drives a line on the user's behalf: KVM_IRQ_LINE_STATUS or KVM_IRQ_LINE.
   *
   * @param tracked whether the status is asked for, which matters for pin 8
   * @return more than 0 delivered, 0 coalesced, -1 ignored
   * @throws ErrnoException ENXIO without a controller
   */
  public int setLine(long gsi, boolean high, boolean tracked) {
    lock();
    try {
      IrqChip chip = requireIrqchip(Errno.ENXIO);
      return chip.setIrq(IrqSource.USER, gsi, high, tracked);
    } finally {
      unlock();
    }
  }

  /**
   * Replaces the routing table: KVM_SET_GSI_ROUTING. A refused table leaves the old one.
   *
   * @param entries in the caller's order
   * @param flags of the table
   * @throws ErrnoException EINVAL without a controller, and as {@link RoutingTable#of}; EMFILE,
   *     ENFILE when it does not fit in memory
   */
  @SuppressWarnings("GuardedBy") // lock() takes the lock, and checks that the VM is alive
  public void setRouting(List<RoutingEntry> entries, long flags) {
    lock();
    try {
      IrqChip chip = requireIrqchip(Errno.EINVAL);
      if ((x2apic & X2ApicApi.WIDE_IDS) != 0) {
        RoutingTable.requireWide(entries);
      }
      long before = routingBytes;
      chip.route(
          RoutingTable.of(
              entries,
              flags,
              chip.kind() == IrqChip.Kind.FULL,
              bytes -> {
                // The difference, before the table is made: the old one goes when the new one is
                // there.
                charge.acquire(Math.max(0, bytes - before), Cost.ROUTING_TABLE);
                routingBytes = bytes;
              }));
      charge.release(Math.max(0, before - routingBytes));
    } finally {
      unlock();
    }
  }

  /** The line now. Works on a destroyed VM too, for looking at what it was. */
  public IrqLine line(long gsi) {
    IrqChip chip = irqchip;
    IrqLine line = chip == null ? new IrqLine(gsi, false, false, 0, 0) : chip.line(gsi);
    FormerChip gone = former;
    return gone == null ? line : gone.line(gsi);
  }

  /** The first line after that number that leads somewhere, or -1. Works on a destroyed VM too. */
  public long nextRouted(long after) {
    IrqChip chip = irqchip;
    long next = chip == null ? -1 : chip.nextRouted(after);
    FormerChip gone = former;
    return gone == null ? next : gone.nextRouted(after);
  }

  /** Whether the line leads anywhere. Works on a destroyed VM too. */
  public boolean routed(long gsi) {
    IrqChip chip = irqchip;
    boolean routed = chip != null && chip.routed(gsi);
    FormerChip gone = former;
    return gone == null ? routed : gone.routed(gsi);
  }

  /** Whether there is a vCPU of that number. */
  public boolean hasVcpu(long vcpu) {
    return look(all -> all.has(vcpu));
  }

  /**
   * Raises an NMI in a vCPU: KVM_NMI. The local APIC is not asked.
   *
   * @throws ErrnoException ENOENT for an unknown vCPU
   */
  @SuppressWarnings("GuardedBy") // lock() takes the lock, and checks that the VM is alive
  public void raiseNmi(long vcpu) {
    lock();
    try {
      vcpus.require(vcpu);
      IrqChip chip = irqchip;
      if (chip != null) {
        chip.host().raiseNmi(vcpu);
      } else {
        vcpus.raiseNmi((int) vcpu);
      }
    } finally {
      unlock();
    }
  }

  /**
   * Sets the NMIs of a vCPU: KVM_SET_VCPU_EVENTS. What is null stays.
   *
   * @param pending NMIs not taken yet; too many are fewer
   * @param masked whether it takes none
   * @throws ErrnoException ENOENT for an unknown vCPU
   */
  @SuppressWarnings("GuardedBy") // lock() takes the lock, and checks that the VM is alive
  public void setNmis(long vcpu, @Nullable Integer pending, @Nullable Boolean masked) {
    lock();
    try {
      vcpus.require(vcpu);
      IrqChip chip = irqchip;
      if (chip != null) {
        chip.host().setNmis(vcpu, pending, masked);
      } else {
        vcpus.setNmis((int) vcpu, pending, masked);
      }
    } finally {
      unlock();
    }
  }

  /**
   * The NMIs of a vCPU of a VM without controller.
   *
   * @throws ErrnoException ENOENT for an unknown vCPU
   */
  @SuppressWarnings("GuardedBy") // lock() takes the lock, and checks that the VM is alive
  public VmState.PlainVcpu plainVcpu(long vcpu) {
    lock();
    try {
      vcpus.require(vcpu);
      return vcpus.whole((int) vcpu);
    } finally {
      unlock();
    }
  }

  /**
   * A vCPU of a VM without controller takes its pending NMIs unless they are masked; how many it
   * took.
   *
   * @throws ErrnoException ENOENT for an unknown vCPU
   */
  @SuppressWarnings("GuardedBy") // lock() takes the lock, and checks that the VM is alive
  public int takeNmis(long vcpu) {
    lock();
    try {
      vcpus.require(vcpu);
      return vcpus.takeNmis((int) vcpu);
    } finally {
      unlock();
    }
  }

  /**
   * Looks at or changes the APIC base of a vCPU of a VM without controller.
   *
   * @throws ErrnoException ENOENT for an unknown vCPU
   */
  @SuppressWarnings("GuardedBy") // lock() takes the lock, and checks that the VM is alive
  public <R> R withPlainBase(long vcpu, Function<ApicBase, R> call) {
    lock();
    try {
      vcpus.require(vcpu);
      return call.apply(vcpus.base((int) vcpu));
    } finally {
      unlock();
    }
  }

  /** Numbers of the vCPUs, in creation order. */
  public List<Integer> vcpus() {
    return look(Vcpus::list);
  }

  /** Looks at the vCPUs, of a destroyed VM too. */
  @SuppressWarnings("GuardedBy") // acquire() takes the lock
  private <R> R look(Function<Vcpus, R> at) {
    acquire();
    try {
      return at.apply(vcpus);
    } finally {
      unlock();
    }
  }

  // ---- all of it

  /**
   * All of it at one moment.
   *
   * @param now what is left of timers is left from then on
   */
  @SuppressWarnings("GuardedBy") // lock() takes the lock, and checks that the VM is alive
  public VmState whole(long now) {
    lock();
    try {
      IrqChip chip = irqchip;
      return new VmState(
          chip == null ? null : chip.kind(),
          chip == null ? 0 : chip.reservedPins(),
          vcpus.boot(),
          x2apic,
          chip == null ? vcpus.list().stream().map(vcpus::whole).toList() : List.of(),
          chip == null ? List.of() : chip.routing().entries(),
          chip == null ? null : chip.host().whole(now));
    } finally {
      unlock();
    }
  }

  /** What is kept of the controller of a destroyed VM; null when it never had one. */
  public @Nullable FormerChip former() {
    return former;
  }

  /** Keeps what another VM kept. The VM is new, and is destroyed next. */
  public void becomeFormer(FormerChip.@Nullable Whole kept) {
    former = kept == null ? null : new FormerChip(kept);
  }

  /**
   * Becomes what another VM was, and nothing follows from it: {@link VmRestore#build} has made what
   * there is, and the irqfds are bound.
   *
   * @param state right in itself
   * @param now what is left of timers is left from then on
   */
  @SuppressWarnings("GuardedBy") // lock() takes the lock, and checks that the VM is alive
  public void become(VmState state, long now) {
    lock();
    try {
      IrqChip chip = irqchip;
      if (chip != null && state.chips() != null) {
        chip.host().become(state.chips(), now);
      }
      state.vcpus().forEach(vcpus::become);
    } finally {
      unlock();
    }
  }

  /** The controller; that errno when there is none. */
  private IrqChip requireIrqchip(Errno without) {
    IrqChip chip = irqchip;
    if (chip == null) {
      throw new ErrnoException(without, "vm-" + id + " has no interrupt controller");
    }
    return chip;
  }
}
