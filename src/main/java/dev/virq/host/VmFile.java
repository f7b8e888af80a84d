package dev.virq.host;

import dev.virq.irqfd.Irqfds;
import dev.virq.vm.Vm;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A VM of the sandbox, with what the descriptor table knows of it. */
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

  private final long id;
  private final @Nullable String name;
  private final Vm vm;
  private final Irqfds irqfds;

  /** Counters of the lines that were ever routed or are bound; bounded by both. */
  final Map<Long, LineCounters> lines = new ConcurrentHashMap<>();

  /** The descriptor's reference. */
  final FileRef file;

  /** The close under way. Guarded by the kernel's table lock. */
  @Nullable PendingClose closing;

  /** Volatile: written under the table lock and by the last put. */
  volatile State state = State.OPEN;

  /** Whether the descriptor's own reference to the VM is dropped. Volatile: set by the worker. */
  volatile boolean put;

  /** Sequence number of the last change of state; volatile as state is. */
  volatile long seq;

  VmFile(long id, @Nullable String name, Vm vm, Irqfds irqfds, FileRef file) {
    this.id = id;
    this.name = name;
    this.vm = vm;
    this.irqfds = irqfds;
    this.file = file;
  }

  /** Its number, from 1, never used again. */
  public long id() {
    return id;
  }

  /** The caller's label, or null. */
  public @Nullable String name() {
    return name;
  }

  /** The machine itself. */
  public Vm vm() {
    return vm;
  }

  /** Its irqfds. */
  public Irqfds irqfds() {
    return irqfds;
  }

  /**
   * References that keep it now: the open descriptor's, and one for each irqfd that is not severed.
   * The closer gives its own back last, but it keeps nothing: the descriptor is closed.
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
