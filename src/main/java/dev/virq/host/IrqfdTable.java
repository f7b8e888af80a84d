package dev.virq.host;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.irqfd.FreedIrqfd;
import dev.virq.irqfd.Irqfd;
import dev.virq.irqfd.IrqfdView;
import dev.virq.limits.Budget;
import dev.virq.limits.Cost;
import dev.virq.limits.Limits;
import dev.virq.limits.Quota;
import dev.virq.sync.NumberedTable;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The irqfds of a host by number, the last freed ones included. Any thread; the monitor, which
 * guards the freed ones, is a leaf but for the budget's. Looking up takes no lock.
 */
final class IrqfdTable {
  private final Quota quota;
  private final Budget memory;
  private final int tombstones;
  private final AtomicLong ids = new AtomicLong();
  private final NumberedTable<Irqfd> bound = new NumberedTable<>();

  /** The last freed ones, at most as many as tombstones. Written under the monitor. */
  private final NumberedTable<IrqfdView> freed = new NumberedTable<>();

  @GuardedBy("this")
  private int remembered;

  @GuardedBy("this")
  private boolean ended;

  IrqfdTable(Limits limits, Quota total, Budget memory) {
    this.tombstones = limits.tombstones();
    this.quota = new Quota("irqfds", limits.irqfds(), Errno.EMFILE, total);
    this.memory = memory;
  }

  /** Bytes of an irqfd. */
  static long bytes(boolean resample) {
    return Cost.IRQFD.bytes() + (resample ? Cost.RESAMPLER.bytes() : 0);
  }

  /** Counts one more irqfd; EMFILE, ENFILE past the limits. Its bytes are given back apart. */
  void acquire(boolean resample) {
    quota.acquire();
    boolean charged = false;
    try {
      memory.acquire(bytes(resample), resample ? Cost.RESAMPLER : Cost.IRQFD);
      charged = true;
    } finally {
      if (!charged) {
        quota.release();
      }
    }
  }

  /** An irqfd is gone, or was not bound after all. */
  void release() {
    quota.release();
  }

  /** The number of the next irqfd. */
  long next() {
    return ids.get() + 1;
  }

  /** The next irqfd gets that number. */
  void startAt(long next) {
    ids.set(next - 1);
  }

  /** Numbers an irqfd and lets it be found. Under the eventfd's wait-queue lock. */
  long add(Irqfd irqfd) {
    long id = ids.incrementAndGet();
    bound.put(id, irqfd);
    return id;
  }

  /**
   * An irqfd is gone; it stays visible for a while, if there is memory for history. No lock held.
   */
  void freed(Irqfd irqfd) {
    // In this order, so that it can be found at any moment.
    remember(FreedIrqfd.of(irqfd));
    boolean _ = bound.remove(irqfd.irqfdId(), irqfd);
  }

  /** One that is gone stays visible for a while, if there is memory for history. */
  synchronized void remember(IrqfdView gone) {
    if (ended) {
      return;
    }
    if (remembered < tombstones && memory.tryRemember(Cost.IRQFD_TOMBSTONE.bytes())) {
      remembered++;
    } else {
      IrqfdView first = freed.first();
      if (first == null) {
        return;
      }
      var _ = freed.remove(first.irqfdId());
    }
    freed.put(gone.irqfdId(), gone);
  }

  /** Forgets the freed ones, now and later: the host is gone. */
  synchronized void end() {
    ended = true;
    freed.clear();
    memory.forget(Cost.IRQFD_TOMBSTONE.of(remembered));
    remembered = 0;
  }

  /** The irqfd of that number that is not freed, or null. */
  @Nullable Irqfd bound(long id) {
    return bound.get(id);
  }

  /** The irqfd of that number, freed ones included while they are kept; ENOENT otherwise. */
  IrqfdView find(long id) {
    IrqfdView irqfd = bound.get(id);
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
  List<Irqfd> list(long after, int limit) {
    return bound.after(after, limit);
  }

  /** Freed irqfds after a number, in order, as far as they are kept. */
  List<IrqfdView> listFreed(long after, int limit) {
    return freed.after(after, limit);
  }

  long used() {
    return quota.used();
  }
}
