package dev.virq.vm;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.irqchip.IrqChip;
import dev.virq.irqchip.IrqLine;
import dev.virq.irqchip.IrqSource;
import dev.virq.routing.RoutingEntry;
import dev.virq.routing.RoutingTable;
import dev.virq.sync.RefCount;
import dev.virq.trace.Subject;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
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
  /** vCPU numbers are below this. */
  public static final int MAX_VCPUS = 4096;

  private final long id;
  private final ReentrantLock lock = new ReentrantLock();
  private final RefCount references;
  private final Runnable destroyed;

  @GuardedBy("lock")
  private @Nullable Set<Integer> vcpus;

  /** Written once, under the lock; volatile so that whether there is one needs no lock. */
  private volatile @Nullable IrqChip irqchip;

  /**
   * A VM without controller; the caller holds its first reference.
   *
   * @param id its number in the sandbox, for observers
   * @param destroyed called once, by the caller that drops the last reference
   */
  public Vm(long id, Runnable destroyed) {
    this.id = id;
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
    lock.lock();
    if (references.get() == 0) {
      lock.unlock();
      throw new IllegalStateException("vm-" + id + " used after its destruction");
    }
  }

  /** Releases {@code kvm->lock}. */
  public void unlock() {
    lock.unlock();
  }

  /** Whether the calling thread holds {@code kvm->lock}. */
  public boolean isLockedByCurrentThread() {
    return lock.isHeldByCurrentThread();
  }

  /** The controller, or null before there is one. */
  public @Nullable IrqChip irqchip() {
    return irqchip;
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
      if (vcpus != null) {
        throw new ErrnoException(
            split ? Errno.EEXIST : Errno.EINVAL,
            "vm-" + id + " already has vCPUs; create the controller before them");
      }
      irqchip = new IrqChip(kind, (int) reservedPins);
    } finally {
      unlock();
    }
  }

  /**
   * Adds a vCPU: KVM_CREATE_VCPU. It has a local APIC when there is a controller; nothing runs on
   * it.
   *
   * @param vcpu its number, 0 to 4095
   * @throws ErrnoException EINVAL for another number, EEXIST for one in use
   */
  @SuppressWarnings("GuardedBy") // lock() takes the lock, and checks that the VM is alive
  public void createVcpu(long vcpu) {
    if (vcpu < 0 || vcpu >= MAX_VCPUS) {
      throw new ErrnoException(
          Errno.EINVAL, "vCPU number " + vcpu + " is outside 0.." + (MAX_VCPUS - 1));
    }
    lock();
    try {
      Set<Integer> numbers = vcpus;
      if (numbers == null) {
        numbers = new LinkedHashSet<>();
        vcpus = numbers;
      }
      IrqChip chip = irqchip;
      if (!numbers.add((int) vcpu)) {
        if (chip != null) {
          chip.refuseVcpu();
        }
        throw new ErrnoException(Errno.EEXIST, "vCPU " + vcpu + " of vm-" + id + " already exists");
      }
      if (chip != null) {
        chip.createVcpu((int) vcpu);
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
   * @throws ErrnoException EINVAL without a controller, and as {@link RoutingTable#of}
   */
  public void setRouting(List<RoutingEntry> entries, long flags) {
    lock();
    try {
      IrqChip chip = requireIrqchip(Errno.EINVAL);
      chip.route(RoutingTable.of(entries, flags, chip.kind() == IrqChip.Kind.FULL));
    } finally {
      unlock();
    }
  }

  /** The line now. Works on a destroyed VM too, for looking at what it was. */
  public IrqLine line(long gsi) {
    IrqChip chip = irqchip;
    return chip == null ? new IrqLine(gsi, false, false, 0, 0) : chip.line(gsi);
  }

  /** All lines that lead somewhere, in order. Works on a destroyed VM too. */
  public List<IrqLine> lines() {
    IrqChip chip = irqchip;
    return chip == null ? List.of() : chip.lines();
  }

  /** Whether there is a vCPU of that number. */
  public boolean hasVcpu(long vcpu) {
    lock.lock();
    try {
      Set<Integer> numbers = vcpus;
      return numbers != null && vcpu == (int) vcpu && numbers.contains((int) vcpu);
    } finally {
      lock.unlock();
    }
  }

  /** Numbers of the vCPUs, in creation order. */
  public List<Integer> vcpus() {
    lock.lock();
    try {
      Set<Integer> numbers = vcpus;
      return numbers == null ? List.of() : List.copyOf(numbers);
    } finally {
      lock.unlock();
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
