package dev.virq.host;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.eventfd.EventFd;
import dev.virq.irqfd.Irqfd;
import dev.virq.irqfd.Irqfds;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The calls on irqfds: KVM_IRQFD, with and without the de-assign flag.
 *
 * <p>Any thread. Both sides' files are referenced for as long as a call lasts, so that neither can
 * be closed for good under it.
 */
public final class IrqfdCalls {
  private final Host host;
  private final Quota quota;
  private final int tombstones;
  private final AtomicLong ids = new AtomicLong();
  private final ConcurrentSkipListMap<Long, Irqfd> irqfds = new ConcurrentSkipListMap<>();

  /** The last freed ones, at most as many as tombstones. */
  private final ConcurrentSkipListMap<Long, Irqfd> freed = new ConcurrentSkipListMap<>();

  IrqfdCalls(Host host, Limits limits, Quota total) {
    this.host = host;
    this.tombstones = limits.tombstones();
    this.quota = new Quota("irqfds", limits.irqfds(), Errno.EMFILE, total);
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
    return host.vms()
        .with(
            vm,
            entry -> {
              var _ = Irqfds.requireController(entry.vm(), resample != null);
              return host.eventfds()
                  .with(
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
    return host.eventfds()
        .with(
            resample,
            target -> {
              EventFd signalled = EventfdCalls.requireEventfd(resample, target);
              return bind(entry, eventfd, gsi, signalled);
            });
  }

  private Irqfd bind(VmFile entry, EventFd eventfd, long gsi, @Nullable EventFd resample) {
    quota.acquire();
    host.vms().retainLine(entry, gsi);
    boolean bound = false;
    try {
      Irqfd irqfd = entry.irqfds().assign(eventfd, gsi, resample);
      bound = true;
      return irqfd;
    } finally {
      if (!bound) {
        host.vms().forgetLine(entry.id(), gsi);
        quota.release();
      }
    }
  }

  /**
   * Unbinds by eventfd and line. Succeeds and does nothing when that eventfd is not bound to that
   * line in that VM.
   *
   * @throws ErrnoException EBADF; EINVAL for what is no eventfd
   */
  public PendingClose deassign(long vm, EventfdName trigger, long gsi) {
    return host.vms()
        .with(
            vm,
            entry ->
                host.eventfds()
                    .with(
                        trigger,
                        target -> {
                          EventFd eventfd = EventfdCalls.requireEventfd(trigger, target);
                          PendingClose op = begin(entry, eventfd);
                          return end(op, entry.irqfds().deassign(eventfd, gsi));
                        }));
  }

  /**
   * Unbinds one irqfd.
   *
   * @throws ErrnoException ENOENT when it is gone, unknown or of another VM
   */
  public PendingClose deassign(long vm, long id) {
    return host.vms()
        .with(
            vm,
            entry -> {
              Irqfd irqfd = irqfds.get(id);
              if (irqfd == null || irqfd.vmId() != vm) {
                throw new ErrnoException(
                    Errno.ENOENT,
                    "irqfd irqfd-%s is not bound in vm-%d"
                        .formatted(Long.toUnsignedString(id), vm));
              }
              PendingClose op = begin(entry, irqfd);
              boolean _ = entry.irqfds().deassign(irqfd);
              return end(op, irqfd);
            });
  }

  /** The irqfd of that number, freed ones included while they are kept; ENOENT otherwise. */
  public Irqfd find(long id) {
    Irqfd irqfd = irqfds.get(id);
    if (irqfd == null) {
      irqfd = freed.get(id);
    }
    if (irqfd == null) {
      throw new ErrnoException(
          Errno.ENOENT, "irqfd irqfd-" + Long.toUnsignedString(id) + " is unknown");
    }
    return irqfd;
  }

  /** Irqfds after a number, in order; freed ones are left out. */
  public List<Irqfd> list(long after, int limit) {
    return irqfds.tailMap(after, false).values().stream().limit(limit).toList();
  }

  /** Freed irqfds after a number, in order, as far as they are kept. */
  public List<Irqfd> listFreed(long after, int limit) {
    return freed.tailMap(after, false).values().stream().limit(limit).toList();
  }

  // ---- for this package

  /** Numbers an irqfd and lets it be found. Under the eventfd's wait-queue lock: no lock here. */
  long hooked(Irqfd irqfd) {
    long id = ids.incrementAndGet();
    irqfds.put(id, irqfd);
    return id;
  }

  /** An irqfd is gone. No lock held. */
  void freed(Irqfd irqfd) {
    // In this order, so that it can be found at any moment.
    freed.put(irqfd.irqfdId(), irqfd);
    irqfds.remove(irqfd.irqfdId());
    while (freed.size() > tombstones) {
      freed.pollFirstEntry();
    }
    host.vms().forgetLine(irqfd.vmId(), irqfd.gsi());
    quota.release();
  }

  long used() {
    return quota.used();
  }

  private PendingClose begin(VmFile entry, Subject subject) {
    long eventfd = subject.eventfdId();
    PendingClose op =
        new PendingClose(
            host, PendingClose.Kind.DEASSIGN, "efd-" + eventfd, entry.id(), eventfd, false);
    // An event of its own: who waits up to an earlier number does not wait for this.
    host.probe().hit(Tracepoint.IRQFD_DEASSIGNED, subject);
    host.settle().begin(op, () -> {});
    return op;
  }

  private static PendingClose end(PendingClose op, @Nullable Irqfd irqfd) {
    if (irqfd == null) {
      op.finish();
    } else {
      op.ends(List.of(irqfd));
      irqfd.whenFreed(op::finish);
    }
    return op;
  }
}
