package dev.virq.host;

import dev.virq.inflight.PendingClose;
import dev.virq.irqfd.Irqfds;
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
    /** The irqfds of a new VM. */
    Irqfds irqfds(Vm vm, LineBook lines);

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
  private final Irqfds irqfds;

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

  /** Sequence number of the last change of state; volatile as state is. */
  volatile long seq;

  VmFile(long id, @Nullable String name, Owner owner) {
    this.id = id;
    this.name = name;
    this.vm = new Vm(id, () -> owner.destroyed(this));
    this.ref = new FileRef(() -> owner.released(this));
    this.lines = new LineBook(vm);
    this.irqfds = owner.irqfds(vm, lines);
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
    return irqfds;
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

  /** The sequence number of its last change of state. */
  public long seq() {
    return seq;
  }
}
