package dev.virq.host;

import dev.virq.clock.SandboxClock;
import dev.virq.inflight.PendingClose;
import dev.virq.irqchip.FormerChip;
import dev.virq.irqfd.Irqfds;
import dev.virq.irqfd.TearDown;
import dev.virq.limits.Charge;
import dev.virq.limits.Cost;
import dev.virq.stats.LineBook;
import dev.virq.vm.Vm;
import org.jspecify.annotations.Nullable;

/** A VM of the host, with what the descriptor table knows of it. */
public final class VmFile {
  /** Where a VM stands. */
  public enum State {
    /** Its descriptor is open. */
    OPEN,
    /** Its descriptor is closed; references are still held. */
    CLOSING,
    /** The last reference was dropped. */
    RELEASED
  }

  /** Ends what a VM leaves behind. */
  interface Owner {
    /** What follows the irqfds of a new VM. */
    VmIrqfdEvents events(LineBook lines);

    /** What the timers of a new VM go by. */
    SandboxClock clock();

    /** The irqfds of a new VM. */
    Irqfds irqfds(Vm vm, VmIrqfdEvents events);

    /**
     * The last reference to the descriptor was dropped. On the thread that did it, no lock held.
     */
    void released(VmFile file);

    /** The last reference to the VM was dropped. On the thread that did it, no lock held. */
    void destroyed(VmFile file);
  }

  private final long id;
  private final @Nullable String name;
  private final Vm vm;
  private final LineBook lines;
  private final Charge charge;

  /** What follows its irqfds. */
  final VmIrqfdEvents events;

  /** Null once it is released; volatile: taken away by the thread that destroys the VM. */
  private volatile @Nullable Irqfds irqfds;

  /** Bytes that its being visible takes after its release; guarded by the table's lock. */
  long remembered;

  /** The descriptor's reference. */
  final FileRef ref;

  /**
   * The close under way. Volatile: written under the table's lock, read by the thread that ends it.
   */
  volatile @Nullable PendingClose closing;

  /** Volatile: written under the table's lock. */
  volatile State state = State.OPEN;

  /** Whether the descriptor's own reference to the VM is dropped. Volatile: set by the worker. */
  volatile boolean put;

  /** What its close took. Volatile: set by the worker, before the VM is released. */
  volatile @Nullable TearDown end;

  /** Sequence number of the last change of state; volatile as state is. */
  volatile long seq;

  /**
   * An open VM.
   *
   * @param charge what it takes, already charged; takes what it grows to
   */
  VmFile(long id, @Nullable String name, Charge charge, Owner owner) {
    this.id = id;
    this.name = name;
    this.charge = charge;
    this.vm = new Vm(id, charge, owner.clock(), () -> owner.destroyed(this));
    this.ref =
        new FileRef() {
          @Override
          void release() {
            owner.released(VmFile.this);
          }
        };
    this.lines = new LineBook(vm, charge);
    this.events = owner.events(lines);
    this.irqfds = owner.irqfds(vm, events);
  }

  /** Its number, from 1, never used again. */
  public long id() {
    return id;
  }

  /** The caller's label, or null. */
  public @Nullable String name() {
    return name;
  }

  /** The VM itself. */
  public Vm vm() {
    return vm;
  }

  /** The counters of its lines. */
  public LineBook lines() {
    return lines;
  }

  /** Its irqfds. */
  public Irqfds irqfds() {
    Irqfds all = irqfds;
    if (all == null) {
      throw new IllegalStateException("vm-" + id + " is released");
    }
    return all;
  }

  /** How many irqfds are bound. */
  public int bound() {
    Irqfds all = irqfds;
    return all == null ? 0 : all.size();
  }

  /**
   * Becomes what is left of a VM that was released in another host.
   *
   * @param took what its close took
   */
  void release(FormerChip.@Nullable Whole kept, TearDown took) {
    vm.becomeFormer(kept);
    end = took;
    put = true;
    boolean _ = vm.put();
  }

  /**
   * The VM is destroyed: lets go of everything but what can still be looked at, and gives back what
   * it was charged.
   *
   * @return bytes of what is left
   */
  long retire() {
    int moved = vm.retire();
    irqfds = null;
    int counted = lines.close();
    charge.releaseAll();
    return Cost.VM_TOMBSTONE.bytes()
        + Cost.ofName(name)
        + Cost.TOMBSTONE_LINE.of(moved)
        + Cost.LINE.of(counted);
  }

  /**
   * References that keep it now: the open descriptor's, and one for each irqfd that is not severed.
   * The closing call drops the descriptor's own reference last, but that one does not count: the
   * descriptor is closed.
   */
  public int references() {
    boolean closers = state == State.CLOSING && !put;
    return Math.max(0, vm.references() - (closers ? 1 : 0));
  }

  /** Where it stands. */
  public State state() {
    return state;
  }

  /** What its close took, all its irqfds together; null before it is released. */
  public @Nullable TearDown end() {
    return state == State.RELEASED ? end : null;
  }

  /** The sequence number of its last change of state. */
  public long seq() {
    return seq;
  }
}
