package dev.virq.irqfd;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.eventfd.EventFd;
import dev.virq.eventfd.Signal;
import dev.virq.irqchip.IrqChip;
import dev.virq.protocol.BindProtocol;
import dev.virq.sync.BrokenLifetime;
import dev.virq.sync.ShrinkingMap;
import dev.virq.trace.EndCause;
import dev.virq.trace.Tracepoint;
import dev.virq.vm.Vm;
import dev.virq.workqueue.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The irqfds of one VM: {@code kvm->irqfds}, with assign, de-assign and the VM's release.
 *
 * <p>The list is guarded by the VM's lock. Finding, adding and removing take the same time whatever
 * its length.
 */
public final class Irqfds {
  private final IrqfdContext context;
  private final Vm vm;
  private final Resamplers resamplers;

  // Both guarded by the VM's lock, which its methods take: no annotation can name it. An eventfd
  // has
  // one irqfd at most, in one VM.
  private final ShrinkingMap<EventFd, Irqfd> byEventfd = new ShrinkingMap<>();
  private boolean closing;

  /** How long the list is. Written under the VM's lock; volatile so that looking needs none. */
  private volatile int size;

  /**
   * An empty list.
   *
   * @param context what the irqfds share
   * @param vm whose list this is
   */
  public Irqfds(IrqfdContext context, Vm vm) {
    this.context = context;
    this.vm = vm;
    this.resamplers = new Resamplers(vm, context.events(), context.probe());
  }

  /**
   * Binds an eventfd to a line: KVM_IRQFD. The caller holds references to the descriptors of both
   * sides until this returns, so that neither can be closed for good meanwhile.
   *
   * @param eventfd the trigger
   * @param gsi the line; any number is fine
   * @param resample what the guest's end of interrupt signals, the line staying up until then; null
   *     for a plain irqfd
   * @return the irqfd; already on its way out when the VM closes meanwhile
   * @throws ErrnoException EINVAL without a (suitable) controller, EBUSY when the eventfd is bound
   *     anywhere, EBADF when the VM or the eventfd is gone; nothing is left behind
   */
  public Irqfd assign(EventFd eventfd, long gsi, @Nullable EventFd resample) {
    IrqChip chip = requireController(vm, resample != null);
    Irqfd irqfd = new Irqfd(context, this, vm, eventfd, gsi, resample);
    if (!bind(irqfd, chip)) {
      // The VM closes and will not find this irqfd, or it was de-assigned by number: unless another
      // thread is taking it down already, the thread that made it does so.
      if (irqfd.claim(EndCause.VM_RELEASE)) {
        irqfd.shutdown();
      }
      return irqfd;
    }
    context.probe().hit(Tracepoint.ASSIGN_LISTED, irqfd);
    context.probe().hit(Tracepoint.ASSIGN_BEFORE_FPUT, irqfd);
    return irqfd;
  }

  /** Makes a binding; false when it is on its way out already. What fails is undone. */
  private boolean bind(Irqfd irqfd, IrqChip chip) {
    Binding binding = new Binding(irqfd, chip);
    boolean bound = false;
    try {
      boolean listed = context.protocol().bind().bind(binding);
      bound = true;
      return listed;
    } finally {
      if (!bound) {
        binding.undo();
      }
    }
  }

  /** The steps of one binding, and how far it is. For the thread that makes it. */
  private final class Binding implements BindProtocol.Steps {
    private final Irqfd irqfd;
    private final IrqChip chip;
    private boolean referenced;
    private boolean counted;
    private boolean hooked;

    Binding(Irqfd irqfd, IrqChip chip) {
      this.irqfd = irqfd;
      this.chip = chip;
    }

    @Override
    public void reference() {
      if (!vm.tryGet()) {
        throw closed();
      }
      referenced = true;
    }

    @Override
    public void referenceUnchecked() {
      if (!vm.tryGet()) {
        throw new BrokenLifetime(
            BrokenLifetime.Kind.USE_AFTER_FREE,
            "vm-" + vm.vmId(),
            "referenced after its destruction");
      }
      referenced = true;
    }

    @Override
    public void hook() {
      count();
      EventFd eventfd = irqfd.eventfd();
      Signal pending = context.events().signal(eventfd);
      eventfd.hook(irqfd, pending, context.protocol().second());
      hooked = true;
    }

    @Override
    public int hookOnly() {
      count();
      int events = irqfd.eventfd().hookOnly(irqfd, context.protocol().second());
      hooked = true;
      return events;
    }

    @Override
    public void inject() {
      irqfd.inject();
    }

    @Override
    public boolean list() {
      return Irqfds.this.list(irqfd);
    }

    /** Before the hook: what wakes it may lead to an end of interrupt. */
    private void count() {
      EventFd resample = irqfd.resample();
      if (resample != null) {
        resamplers.add(irqfd, resample, chip);
        counted = true;
      }
    }

    /** A step failed. What is hooked already ends as every irqfd does. */
    void undo() {
      if (hooked) {
        return;
      }
      if (counted) {
        forget(irqfd);
      }
      if (referenced) {
        boolean _ = vm.put();
      }
    }
  }

  /**
   * Checks that the VM can have irqfds.
   *
   * @return its controller
   * @throws ErrnoException EINVAL without a controller, or with a split one for resample
   */
  public static IrqChip requireController(Vm vm, boolean resample) {
    IrqChip chip = vm.irqchip();
    if (chip == null) {
      throw new ErrnoException(
          Errno.EINVAL, "vm-" + vm.vmId() + " has no interrupt controller to bind to");
    }
    if (resample && chip.kind() != IrqChip.Kind.KERNEL) {
      throw new ErrnoException(
          Errno.EINVAL, "vm-" + vm.vmId() + " has a split controller; RESAMPLE needs a full one");
    }
    return chip;
  }

  /**
   * Begins to unbind: KVM_IRQFD with the de-assign flag. The tear-down runs on a clean-up worker,
   * or on this thread in its place when it has nothing to wait for. No lock held.
   *
   * @return the irqfd to wait for, or null when that eventfd is not bound to that line here
   */
  public @Nullable Irqfd deassign(EventFd eventfd, long gsi) {
    Irqfd irqfd = find(eventfd, gsi);
    if (irqfd != null) {
      deassign(irqfd);
    }
    return irqfd;
  }

  /** The irqfd that binds that eventfd to that line here, or null. */
  public @Nullable Irqfd find(EventFd eventfd, long gsi) {
    Irqfd irqfd;
    vm.lock();
    try {
      irqfd = byEventfd.get(eventfd);
    } finally {
      vm.unlock();
    }
    return irqfd == null || irqfd.gsi() != gsi ? null : irqfd;
  }

  /**
   * Begins to unbind one irqfd, as above.
   *
   * @return whether this call does it; false when something else ends it already
   */
  public boolean deassign(Irqfd irqfd) {
    if (!irqfd.claim(EndCause.DEASSIGN)) {
      return false;
    }
    Work end = new Work(context.cleanup(), irqfd::shutdown);
    if (irqfd.isQuiet()) {
      end.scheduleHere();
    } else {
      var _ = end.schedule();
    }
    return true;
  }

  /**
   * Severs every irqfd because the VM's last descriptor was closed: {@code kvm_irqfd_release}. To
   * be called once, on a clean-up worker, no lock held. Returns when all are severed and gone; the
   * caller then puts the VM's own reference.
   *
   * @param detached receives the irqfds that were bound, before any is severed
   */
  public void release(Consumer<List<Irqfd>> detached) {
    context.probe().hit(Tracepoint.RELEASE_BEGIN, vm);
    context.protocol().walk().walk(this::detach, this::next, all -> end(all, detached));
  }

  private void end(List<Irqfd> all, Consumer<List<Irqfd>> detached) {
    detached.accept(all);
    // One pass swaps them all, so that the grace periods of many irqfds overlap.
    List<@Nullable Vm> won = new ArrayList<>(all.size());
    for (Irqfd irqfd : all) {
      won.add(irqfd.swap(EndCause.VM_RELEASE));
    }
    if (all.size() == 1) {
      all.getFirst().releaseBy(won.getFirst());
      return;
    }
    IntConsumer each = one -> all.get(one).releaseBy(won.get(one));
    new Ends(context.cleanup(), all.size(), each).runAside();
  }

  /** The number of the VM whose list it is. */
  long vmId() {
    return vm.vmId();
  }

  /** How many are bound; works on a destroyed VM too. */
  public int size() {
    return size;
  }

  /** Takes an irqfd off the list; nothing happens when it is not on it. */
  void unlist(Irqfd irqfd) {
    vm.lock();
    try {
      byEventfd.remove(irqfd.eventfd(), irqfd);
      size = byEventfd.size();
    } finally {
      vm.unlock();
    }
  }

  /** An irqfd is gone: nothing signals its resample eventfd any more. May block; no lock held. */
  void forget(Irqfd irqfd) {
    if (irqfd.isResample()) {
      resamplers.remove(irqfd);
    }
  }

  /** Puts an irqfd on the list; false when the list was taken, or it is severed already. */
  private boolean list(Irqfd irqfd) {
    vm.lock();
    try {
      // Under the lock: a caller that severs it from now on removes it from the list afterwards.
      if (closing || irqfd.isSevered()) {
        return false;
      }
      byEventfd.put(irqfd.eventfd(), irqfd);
      size = byEventfd.size();
      return true;
    } finally {
      vm.unlock();
    }
  }

  /** Takes the whole list at once: no thread walks it while others remove from it. */
  private List<Irqfd> detach() {
    vm.lock();
    try {
      closing = true;
      List<Irqfd> all = byEventfd.values();
      byEventfd.clear();
      size = 0;
      return all;
    } finally {
      vm.unlock();
    }
  }

  /**
   * What follows an irqfd on the list as it is now, after null the first: without the lock, for a
   * walk that goes without.
   */
  private @Nullable Irqfd next(@Nullable Irqfd before) {
    if (before != null && before.end() != null) {
      throw new BrokenLifetime(
          BrokenLifetime.Kind.USE_AFTER_FREE,
          before.toString(),
          "on the way through the VM's list after it was freed");
    }
    List<Irqfd> all = byEventfd.values();
    int at = before == null ? 0 : all.indexOf(before) + 1;
    return at < all.size() && (before == null || at > 0) ? all.get(at) : null;
  }

  private ErrnoException closed() {
    return new ErrnoException(Errno.EBADF, "vm-" + vm.vmId() + " is closed");
  }
}
