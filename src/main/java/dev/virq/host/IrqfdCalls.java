package dev.virq.host;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.eventfd.EventFd;
import dev.virq.eventfd.WaitQueueEntry;
import dev.virq.inflight.PendingClose;
import dev.virq.irqfd.FreedIrqfd;
import dev.virq.irqfd.Irqfd;
import dev.virq.irqfd.IrqfdInfo;
import dev.virq.irqfd.IrqfdView;
import dev.virq.irqfd.Irqfds;
import dev.virq.limits.Budget;
import dev.virq.limits.Cost;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls on irqfds: KVM_IRQFD, with and without the de-assign flag.
 *
 * <p>Any thread. Both sides' files are referenced for as long as a call lasts, so that neither can
 * be closed for good under it.
 */
public final class IrqfdCalls {
  private final CallContext context;
  private final VmCalls vms;
  private final EventfdCalls eventfds;
  private final IrqfdTable table;
  private final Budget memory;

  IrqfdCalls(
      CallContext context, VmCalls vms, EventfdCalls eventfds, IrqfdTable table, Budget memory) {
    this.memory = memory;
    this.context = context;
    this.vms = vms;
    this.eventfds = eventfds;
    this.table = table;
  }

  /**
   * Binds. The checks come in the kernel's order.
   *
   * @param vm the VM's number
   * @param trigger what is written to
   * @param gsi the line, 0 to 2^32-1; need not be routed
   * @param resample the descriptor to signal at the end of interrupt, or null for a plain irqfd
   * @throws ErrnoException EBADF, EINVAL, EBUSY; EMFILE, ENFILE past the limits
   */
  public Irqfd assign(long vm, EventfdName trigger, long gsi, @Nullable EventfdName resample) {
    return vms.binding(
        vm,
        entry -> {
          var _ = Irqfds.requireController(entry.vm(), resample != null);
          return eventfds.with(
              trigger,
              target -> {
                EventFd eventfd = EventfdCalls.requireEventfd(trigger, target);
                return resample == null
                    ? bind(entry, eventfd, gsi, null)
                    : bindResample(entry, eventfd, gsi, resample);
              });
        });
  }

  private Irqfd bindResample(VmFile entry, EventFd eventfd, long gsi, EventfdName resample) {
    return eventfds.with(
        resample,
        target -> {
          EventFd signalled = EventfdCalls.requireEventfd(resample, target);
          return bind(entry, eventfd, gsi, signalled);
        });
  }

  private Irqfd bind(VmFile entry, EventFd eventfd, long gsi, @Nullable EventFd resample) {
    table.acquire(resample != null);
    boolean counted = false;
    boolean bound = false;
    try {
      entry.lines().bind(gsi);
      counted = true;
      Irqfd irqfd = entry.irqfds().assign(eventfd, gsi, resample);
      bound = true;
      return irqfd;
    } finally {
      if (!bound) {
        if (counted) {
          entry.lines().unbind(gsi);
        }
        memory.release(IrqfdTable.bytes(resample != null));
        table.release();
      }
    }
  }

  /**
   * Unbinds by eventfd and line. Succeeds and does nothing when that eventfd is not bound to that
   * line in that VM.
   *
   * @throws ErrnoException EBADF; EINVAL for what is not an eventfd; EMFILE, ENFILE when another
   *     call unbinds it already and there is no memory for one more that waits
   */
  public PendingClose deassign(long vm, EventfdName trigger, long gsi) {
    return vms.with(
        vm,
        entry ->
            eventfds.with(
                trigger,
                target -> {
                  EventFd eventfd = EventfdCalls.requireEventfd(trigger, target);
                  Irqfd irqfd = entry.irqfds().find(eventfd, gsi);
                  return deassign(entry, eventfd, irqfd);
                }));
  }

  /**
   * Unbinds one irqfd.
   *
   * @throws ErrnoException ENOENT when it is gone, unknown or of another VM; EMFILE, ENFILE as
   *     above
   */
  public PendingClose deassign(long vm, long id) {
    return vms.with(
        vm,
        entry -> {
          Irqfd irqfd = table.bound(id);
          if (irqfd == null || irqfd.vmId() != vm) {
            throw new ErrnoException(
                Errno.ENOENT,
                "irqfd irqfd-%s is not bound to vm-%d".formatted(Long.toUnsignedString(id), vm));
          }
          return deassign(entry, irqfd, irqfd);
        });
  }

  private PendingClose deassign(VmFile entry, Subject subject, @Nullable Irqfd irqfd) {
    long bytes = irqfd == null ? 0 : pay(irqfd);
    PendingClose op = begin(entry, subject);
    if (irqfd == null) {
      op.finish();
    } else {
      // First: while it ends, who looks is to see where it stands.
      op.ends(List.of(irqfd));
      boolean _ = entry.irqfds().deassign(irqfd);
      irqfd.whenFreed(() -> {
        memory.release(bytes);
        op.finish();
      });
    }
    return op;
  }

  /**
   * Takes the bytes of a de-assign that waits. The first one of an irqfd is never refused: it is in
   * the irqfd's own cost.
   */
  private long pay(Irqfd irqfd) {
    long bytes = Cost.CLOSE.bytes();
    if (irqfd.cause() != null) {
      memory.acquire(bytes, Cost.CLOSE);
      return bytes;
    }
    return memory.tryAcquire(bytes) ? bytes : 0;
  }

  /** The irqfd of that number, freed ones included while they are kept; ENOENT otherwise. */
  public IrqfdView find(long id) {
    return table.find(id);
  }

  /** A VM's irqfds after a number, in order; freed ones are left out. ENOENT for an unknown VM. */
  public List<Irqfd> list(long vm, long after, int limit) {
    return vms.find(vm).events.bound(after, limit);
  }

  /** Irqfds after a number, in order; freed ones are left out. */
  public List<Irqfd> list(long after, int limit) {
    return table.list(after, limit);
  }

  /** Freed irqfds after a number, in order, as far as they are kept. */
  public List<IrqfdView> listFreed(long after, int limit) {
    return table.listFreed(after, limit);
  }

  // ---- all of them

  /** The number of the next irqfd. */
  public long next() {
    return table.next();
  }

  /** The next irqfd gets that number. */
  public void startAt(long next) {
    table.startAt(next);
  }

  /**
   * Binds as in another host, with the next number.
   *
   * @param trigger number of the eventfd
   * @param resample number of the resample eventfd, which need not be open any more; null for a
   *     plain irqfd
   * @param info what it has counted
   * @throws ErrnoException as {@link #assign}
   */
  public void restore(long vm, long trigger, long gsi, @Nullable Long resample, IrqfdInfo info) {
    Irqfd irqfd =
        resample == null || eventfds.isOpen(resample)
            ? assign(
                vm,
                EventfdName.id(trigger),
                gsi,
                resample == null ? null : EventfdName.id(resample))
            : vms.with(
                vm,
                entry ->
                    eventfds.with(
                        EventfdName.id(trigger),
                        target ->
                            bind(
                                entry,
                                EventfdCalls.requireEventfd(EventfdName.id(trigger), target),
                                gsi,
                                closed(resample))));
    irqfd.become(info);
  }

  /** What is left of an eventfd whose descriptors are closed. */
  private EventFd closed(long number) {
    EventFd eventfd = new EventFd(number, 0, false, context.probe());
    WaitQueueEntry _ = eventfd.release();
    return eventfd;
  }

  /** An irqfd that was freed in another host stays visible, if there is memory for history. */
  public void remember(FreedIrqfd gone) {
    table.remember(gone);
  }

  /** Forgets the freed irqfds: the host is gone. */
  void forgetFreed() {
    table.end();
  }

  long used() {
    return table.used();
  }

  private PendingClose begin(VmFile entry, Subject subject) {
    PendingClose close =
        PendingClose.ofBinding(context.inFlight(), entry.id(), subject.eventfdId());
    // An event of its own: a caller that waits up to an earlier number does not wait for this.
    context.probe().hit(Tracepoint.IRQFD_DEASSIGNED, subject);
    context.inFlight().begin(close);
    return close;
  }
}
