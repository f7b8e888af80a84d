package dev.virq.vm;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.chip.IrqLine;
import dev.virq.chip.IrqSource;
import dev.virq.clock.SandboxClock;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.irqchip.FormerChip;
import dev.virq.irqchip.IrqChip;
import dev.virq.lapic.X2ApicApi;
import dev.virq.limits.Budget;
import dev.virq.limits.Charge;
import dev.virq.limits.Cost;
import dev.virq.routing.RoutingEntry;
import dev.virq.routing.RoutingTable;
import dev.virq.sync.RefCount;
import dev.virq.trace.Subject;
import java.util.List;
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
  private final long id;
  private final RefCount references;
  private final VmLock lock;
  private final VmIrqchip irqchip;
  private final VmVcpus vcpus;
  private final Runnable destroyed;
  private final Charge charge;
  private final SandboxClock clock;

  /** Flags of {@link X2ApicApi}. */
  @GuardedBy("lock")
  private int x2apic;

  /** Bytes of the charge that are for the routing table; none for the one that it begins with. */
  @GuardedBy("lock")
  private long routingBytes;

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
    this.references = new RefCount("vm-" + id);
    this.lock = new VmLock(id, references);
    this.irqchip = new VmIrqchip(id);
    this.vcpus = new VmVcpus(id, lock, irqchip, charge);
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
    if (lock.isLockedByCurrentThread()) {
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
    lock.lock();
  }

  /** Releases {@code kvm->lock}. */
  public void unlock() {
    lock.unlock();
  }

  /** Whether the calling thread holds {@code kvm->lock}. */
  public boolean isLockedByCurrentThread() {
    return lock.isLockedByCurrentThread();
  }

  /** Its vCPUs. */
  public VmVcpus vcpus() {
    return vcpus;
  }

  /** The controller, or null before there is one and once the VM is retired. */
  public @Nullable IrqChip irqchip() {
    return irqchip.now();
  }

  /** Which controller it has or had, or null when it never had one. */
  public IrqChip.@Nullable Kind kind() {
    return irqchip.kind();
  }

  /** Pins reserved for user space; 0 without a split controller. */
  public int reservedPins() {
    return irqchip.reservedPins();
  }

  /**
   * Lets go of the controller and the vCPUs, but for what can still be looked at. The VM is
   * destroyed.
   *
   * @return how many lines it keeps more of than that they were routed
   */
  public int retire() {
    lock.acquire();
    try {
      if (references.get() > 0) {
        throw new IllegalStateException("vm-" + id + " retired while it is used");
      }
      vcpus.clear();
      return irqchip.retire();
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
      if (irqchip.now() != null) {
        throw new ErrnoException(Errno.EEXIST, "vm-" + id + " already has an interrupt controller");
      }
      if (vcpus.any()) {
        throw new ErrnoException(
            split ? Errno.EEXIST : Errno.EINVAL,
            "vm-" + id + " already has vCPUs; create the controller before them");
      }
      charge.acquire(split ? Cost.SPLIT_IRQCHIP : Cost.FULL_IRQCHIP);
      IrqChip chip = new IrqChip(kind, (int) reservedPins, clock);
      chip.host().agree(x2apic);
      irqchip.put(chip);
    } finally {
      unlock();
    }
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
      IrqChip chip = irqchip.now();
      if (chip != null) {
        chip.host().agree(x2apic);
      }
    } finally {
      unlock();
    }
  }

  /** Flags of x2APIC that the user has agreed to. Works on a destroyed VM too. */
  @SuppressWarnings("GuardedBy") // acquire() takes the lock
  public int x2apic() {
    lock.acquire();
    try {
      return x2apic;
    } finally {
      lock.unlock();
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
      IrqChip chip = irqchip.require(Errno.ENXIO);
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
      IrqChip chip = irqchip.require(Errno.EINVAL);
      if ((x2apic & X2ApicApi.WIDE_IDS) != 0) {
        RoutingTable.requireWide(entries);
      }
      long before = routingBytes;
      chip.route(
          RoutingTable.of(
              entries,
              flags,
              chip.kind() == IrqChip.Kind.KERNEL,
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
    return irqchip.line(gsi);
  }

  /** The first line after that number that leads somewhere, or -1. Works on a destroyed VM too. */
  public long nextRouted(long after) {
    return irqchip.nextRouted(after);
  }

  /** Whether the line leads anywhere. Works on a destroyed VM too. */
  public boolean routed(long gsi) {
    return irqchip.routed(gsi);
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
      IrqChip chip = irqchip.now();
      return new VmState(
          chip == null ? null : chip.kind(),
          chip == null ? 0 : chip.reservedPins(),
          vcpus.boot(),
          x2apic,
          chip == null ? vcpus.whole() : List.of(),
          chip == null ? List.of() : chip.routing().entries(),
          chip == null ? null : chip.host().whole(now));
    } finally {
      unlock();
    }
  }

  /** What is kept of the controller of a destroyed VM; null when it never had one. */
  public @Nullable FormerChip former() {
    return irqchip.former();
  }

  /** Keeps what another VM kept. The VM is new, and is destroyed next. */
  public void becomeFormer(FormerChip.@Nullable Whole kept) {
    irqchip.becomeFormer(kept);
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
      IrqChip chip = irqchip.now();
      if (chip != null && state.chips() != null) {
        chip.host().become(state.chips(), now);
      }
      vcpus.become(state.vcpus());
    } finally {
      unlock();
    }
  }
}
