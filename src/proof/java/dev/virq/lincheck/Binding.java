package dev.virq.lincheck;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.eventfd.EventFd;
import dev.virq.eventfd.Signal;
import dev.virq.eventfd.WaitQueueEntry;
import dev.virq.irqchip.IrqChip;
import dev.virq.irqfd.Irqfd;
import dev.virq.irqfd.IrqfdContext;
import dev.virq.irqfd.IrqfdEvents;
import dev.virq.irqfd.IrqfdState;
import dev.virq.irqfd.Irqfds;
import dev.virq.protocol.Protocol;
import dev.virq.sync.RefCount;
import dev.virq.trace.EndCause;
import dev.virq.trace.Outcome;
import dev.virq.trace.Probe;
import dev.virq.vm.Vm;
import dev.virq.workqueue.Work;
import dev.virq.workqueue.WorkQueue;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A VM and an eventfd that are bound, as a host puts them together, without its tables and limits.
 *
 * <p>The eventfd's file is counted as a host's is: a write takes a reference, which it is refused
 * once the close has begun, and the close gives back the descriptor's own.
 */
final class Binding {
  private static final long GSI = 5;

  /** Every item of work gets a worker of its own, as in an exploration. */
  private static final int WORKERS = 1_000;

  private final Vm vm;
  private final EventFd eventfd = new EventFd(1, 0, false, Probe.NONE);
  private final Irqfds irqfds;
  private final Irqfd irqfd;
  private final WorkQueue cleanup;
  private final Crew crew = new Crew();
  private final RefCount eventfdFile = new RefCount("efd-1");

  /** Volatile: read by writers while the close writes it. */
  private volatile boolean eventfdOpen = true;

  /**
   * A bound pair.
   *
   * @param vm one of {@link #newVm}, used by nothing else
   * @param protocol the order of the steps by which it ends
   */
  Binding(Vm vm, Protocol protocol) {
    if (vm.references() != 1) {
      throw new IllegalStateException("the VM was used before");
    }
    this.vm = vm;
    cleanup = new WorkQueue("cleanup", WORKERS, crew, crew);
    WorkQueue injection = new WorkQueue("inject", WORKERS, crew, crew);
    irqfds =
        new Irqfds(
            new IrqfdContext(injection, cleanup, Probe.NONE, new Unfollowed(), protocol), vm);
    irqfd = irqfds.assign(eventfd, GSI, null);
  }

  /** A VM with the full controller. */
  static Vm newVm() {
    Vm vm = new Vm(1, () -> {});
    vm.createIrqchip(IrqChip.Kind.KERNEL, 0);
    return vm;
  }

  /** write(2). */
  void write(Written signal) {
    if (!eventfdOpen || !eventfdFile.tryGet()) {
      signal.refused = Errno.EBADF;
      return;
    }
    try {
      eventfd.write(1, signal);
    } catch (ErrnoException e) {
      signal.refused = e.errno();
    } finally {
      putEventfd();
    }
  }

  /** close(2) of the eventfd. */
  void closeEventfd() {
    eventfdOpen = false;
    putEventfd();
  }

  private void putEventfd() {
    if (eventfdFile.put()) {
      WaitQueueEntry _ = eventfd.release();
    }
  }

  /** close(2) of the VM. */
  void closeVm() {
    var _ = new Work(cleanup, new Release()).schedule();
  }

  /**
   * Waits until all work is done.
   *
   * @return the first thing that a worker threw, or null
   */
  @Nullable Throwable settle() {
    return crew.settle();
  }

  /** What ended the binding, as an exploration calls it. */
  String cause() {
    EndCause cause = irqfd.cause();
    return irqfd.info().state() != IrqfdState.FREED || cause == null ? "NONE" : cause.name();
  }

  /** {@code kvm_vm_release}. */
  private final class Release implements Runnable {
    @Override
    public void run() {
      irqfds.release(new Uncounted());
      boolean _ = vm.put();
    }
  }

  /** A write, and what became of it. Written by one thread at a time, and read when all is over. */
  static final class Written implements Signal {
    private volatile @Nullable Outcome outcome;
    private volatile @Nullable Errno refused;

    @Override
    public void accepted(long counter, @Nullable WaitQueueEntry bound) {}

    @Override
    public void dequeued() {}

    @Override
    public void finished(Outcome what, long lockNanos, long totalNanos) {
      outcome = what;
    }

    @Override
    public void over() {}

    /** As an exploration calls it. */
    @Override
    public String toString() {
      Outcome known = outcome;
      Errno errno = refused;
      return errno != null ? errno.name() : known == null ? "PENDING" : known.name();
    }
  }

  private static final class Uncounted implements Consumer<List<Irqfd>> {
    @Override
    public void accept(List<Irqfd> detached) {}
  }

  private static final class Unfollowed implements IrqfdEvents {
    @Override
    public long hooked(Irqfd irqfd) {
      return 1;
    }

    @Override
    public EndCause named(EndCause cause) {
      return cause;
    }

    @Override
    public void waiting() {}

    @Override
    public void freed(Irqfd irqfd) {}

    @Override
    public Signal signal(EventFd eventfd) {
      return Signal.UNTRACKED;
    }
  }
}
