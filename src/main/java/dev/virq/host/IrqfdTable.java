package dev.virq.host;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.irqfd.Irqfd;
import dev.virq.limits.Limits;
import dev.virq.limits.Quota;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The irqfds of a host by number, the last freed ones included. Any thread; no lock. */
final class IrqfdTable {
  private final Quota quota;
  private final int tombstones;
  private final AtomicLong ids = new AtomicLong();
  private final ConcurrentSkipListMap<Long, Irqfd> bound = new ConcurrentSkipListMap<>();

  /** The last freed ones, at most as many as tombstones. */
  private final ConcurrentSkipListMap<Long, Irqfd> freed = new ConcurrentSkipListMap<>();

  IrqfdTable(Limits limits, Quota total) {
    this.tombstones = limits.tombstones();
    this.quota = new Quota("irqfds", limits.irqfds(), Errno.EMFILE, total);
  }

  /** Counts one more irqfd; EMFILE, ENFILE past the limits. */
  void acquire() {
    quota.acquire();
  }

  /** An irqfd is gone, or was not bound after all. */
  void release() {
    quota.release();
  }

  /** Numbers an irqfd and lets it be found. Under the eventfd's wait-queue lock: no lock here. */
  long add(Irqfd irqfd) {
    long id = ids.incrementAndGet();
    bound.put(id, irqfd);
    return id;
  }

  /** An irqfd is gone; it stays visible for a while. No lock held. */
  void freed(Irqfd irqfd) {
    // In this order, so that it can be found at any moment.
    freed.put(irqfd.irqfdId(), irqfd);
    bound.remove(irqfd.irqfdId());
    while (freed.size() > tombstones) {
      freed.pollFirstEntry();
    }
  }

  /** The irqfd of that number that is not freed, or null. */
  @Nullable Irqfd bound(long id) {
    return bound.get(id);
  }

  /** The irqfd of that number, freed ones included while they are kept; ENOENT otherwise. */
  Irqfd find(long id) {
    Irqfd irqfd = bound.get(id);
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
    return bound.tailMap(after, false).values().stream().limit(limit).toList();
  }

  /** Freed irqfds after a number, in order, as far as they are kept. */
  List<Irqfd> listFreed(long after, int limit) {
    return freed.tailMap(after, false).values().stream().limit(limit).toList();
  }

  long used() {
    return quota.used();
  }
}
