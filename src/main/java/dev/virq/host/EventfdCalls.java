package dev.virq.host;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.eventfd.EventFd;
import dev.virq.eventfd.WaitQueueEntry;
import dev.virq.irqfd.Irqfd;
import dev.virq.trace.Tracepoint;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls on descriptors: eventfd(2), write(2), read(2), poll(2), dup(2), close(2).
 *
 * <p>Any thread. The table lock guards descriptor numbers; it is never held over a release, a wait
 * or a tracepoint. Looking up takes no lock.
 */
public final class EventfdCalls {
  private final Host host;
  private final Quota quota;
  private final Quota waiters;
  private final int maxDescriptors;
  private final ReentrantLock lock = new ReentrantLock();

  // Written under lock, read without.
  private final ConcurrentSkipListMap<Long, EventfdFile> eventfds = new ConcurrentSkipListMap<>();
  private final FdTable<EventfdFile> fds = new FdTable<>();

  /** Eventfds whose descriptors are closed while calls still use them. */
  private final ConcurrentSkipListMap<Long, EventfdFile> closing = new ConcurrentSkipListMap<>();

  /** Guarded by lock. */
  private long lastId;

  EventfdCalls(Host host, Limits limits, Quota total, Quota waiters) {
    this.host = host;
    this.waiters = waiters;
    this.maxDescriptors = limits.descriptors();
    this.quota = new Quota("eventfds", limits.eventfds(), Errno.EMFILE, total);
  }

  /**
   * Creates an eventfd.
   *
   * @param initval first value, 0 to 2^32-1
   * @param semaphore EFD_SEMAPHORE
   * @param nonblock EFD_NONBLOCK
   * @param name a label, or null
   * @throws ErrnoException EINVAL for another initval; EMFILE, ENFILE past the limits
   */
  public EventfdFile create(
      long initval, boolean semaphore, boolean nonblock, @Nullable String name) {
    if (initval < 0 || initval > 0xffff_ffffL) {
      throw new ErrnoException(
          Errno.EINVAL, "initval " + Long.toUnsignedString(initval) + " outside 0..4294967295");
    }
    EventfdFile entry =
        open(() -> {
          long id = ++lastId;
          EventFd eventfd = new EventFd(id, initval, semaphore);
          FileRef file = new FileRef(() -> release(id));
          EventfdFile made = new EventfdFile(id, name, eventfd, nonblock, file);
          eventfds.put(id, made);
          return made;
        });
    host.probe().hit(Tracepoint.EVENTFD_OPENED, eventfdOf(entry));
    return entry;
  }

  /** Creates a descriptor that is no eventfd; it counts as one against the limits. */
  public int pipe() {
    EventfdFile entry =
        open(() -> new EventfdFile(0, null, null, true, new FileRef(quota::release)));
    return descriptors(entry).getFirst();
  }

  private EventfdFile open(Supplier<EventfdFile> make) {
    quota.acquire();
    boolean created = false;
    lock.lock();
    try {
      // Under the lock: a shutdown that comes later finds what is created here.
      host.requireAlive();
      requireDescriptor();
      EventfdFile entry = make.get();
      entry.fds.add(fds.install(entry));
      created = true;
      return entry;
    } finally {
      lock.unlock();
      if (!created) {
        quota.release();
      }
    }
  }

  /**
   * Opens one more descriptor of the same object.
   *
   * @return its number
   * @throws ErrnoException EBADF; EMFILE past the limit
   */
  public int dup(EventfdName ref) {
    lock.lock();
    try {
      host.requireAlive();
      EventfdFile entry = get(ref);
      requireDescriptor();
      if (!entry.file.tryGet()) {
        throw notOpen(ref);
      }
      int fd = fds.install(entry);
      entry.fds.add(fd);
      return fd;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes. Never blocks. When it returns, the injection is queued, merged, or there is none to be.
   *
   * @param value unsigned
   * @return the signal, to be followed to its outcome
   * @throws ErrnoException EBADF, EINVAL for 2^64-1, EAGAIN when it would block
   */
  public PendingSignal write(EventfdName ref, long value) {
    return with(
        ref,
        entry -> {
          PendingSignal signal = new PendingSignal(host, entry.id());
          requireEventfd(ref, entry).write(value, signal);
          return signal;
        });
  }

  /**
   * Reads. Waits for a write up to the timeout unless the eventfd is non-blocking.
   *
   * @param timeoutNanos 0 never waits
   * @return what was taken, unsigned
   * @throws ErrnoException EBADF; EAGAIN when it is empty and there is no waiting; ETIMEDOUT;
   *     EMFILE when too many calls wait
   */
  public long read(EventfdName ref, long timeoutNanos) {
    return with(
        ref,
        entry -> {
          EventFd eventfd = requireEventfd(ref, entry);
          return timeoutNanos == 0 || entry.nonblock()
              ? eventfd.read()
              : blockingRead(eventfd, timeoutNanos);
        });
  }

  private long blockingRead(EventFd eventfd, long timeoutNanos) {
    waiters.acquire();
    try {
      return eventfd.read(timeoutNanos);
    } finally {
      waiters.release();
    }
  }

  /** Readiness, as poll(2) with timeout 0 tells it. */
  public EventFd.Readiness poll(EventfdName ref) {
    return with(ref, entry -> requireEventfd(ref, entry).poll());
  }

  /**
   * Closes that descriptor, or by id all of them. What the last one ends goes on by itself.
   *
   * @throws ErrnoException EBADF when it is not open
   */
  public PendingClose close(EventfdName ref) {
    host.requireAlive();
    return closeAnyway(ref);
  }

  /** As {@link #close}, also while the kernel shuts down. */
  PendingClose closeAnyway(EventfdName ref) {
    EventfdFile entry;
    List<Integer> numbers;
    PendingClose op;
    boolean last;
    lock.lock();
    try {
      entry = get(ref);
      numbers = ref.byId() ? List.copyOf(entry.fds) : List.of((int) ref.number());
      for (int fd : numbers) {
        fds.remove(fd);
        entry.fds.remove(fd);
      }
      last = entry.fds.isEmpty();
      String id = entry.eventfd() == null ? ref.toString() : "efd-" + entry.id();
      op = new PendingClose(host, PendingClose.Kind.EVENTFD, id, 0, entry.id(), last);
      if (last && entry.eventfd() != null) {
        entry.closing = op;
        eventfds.remove(entry.id());
        closing.put(entry.id(), entry);
      }
    } finally {
      lock.unlock();
    }
    EventFd eventfd = entry.eventfd();
    if (last && eventfd != null) {
      host.probe().hit(Tracepoint.EVENTFD_CLOSED, eventfd);
    }
    host.settle().begin(op, () -> {});
    for (int _ : numbers) {
      entry.file.put();
    }
    if (!last || eventfd == null) {
      op.finish();
    }
    return op;
  }

  /**
   * The open eventfd named so.
   *
   * @throws ErrnoException EBADF when it is not open, EINVAL when it is no eventfd
   */
  public EventfdFile find(EventfdName ref) {
    EventfdFile entry = get(ref);
    EventFd _ = requireEventfd(ref, entry);
    return entry;
  }

  /** Eventfds after a number, in order. */
  public List<EventfdFile> list(long after, int limit) {
    return eventfds.tailMap(after, false).values().stream().limit(limit).toList();
  }

  /** The open descriptors of an eventfd, ascending. */
  public List<Integer> descriptors(EventfdFile entry) {
    lock.lock();
    try {
      return List.copyOf(entry.fds);
    } finally {
      lock.unlock();
    }
  }

  // ---- for this package

  /** Makes a call with a reference to the file; EBADF when it is not open. */
  <R> R with(EventfdName ref, Function<EventfdFile, R> call) {
    host.requireAlive();
    EventfdFile entry = get(ref);
    if (!entry.file.tryGet()) {
      throw notOpen(ref);
    }
    try {
      return call.apply(entry);
    } finally {
      entry.file.put();
    }
  }

  static EventFd requireEventfd(EventfdName ref, EventfdFile entry) {
    EventFd eventfd = entry.eventfd();
    if (eventfd == null) {
      throw new ErrnoException(Errno.EINVAL, ref + " is a pipe, not an eventfd");
    }
    return eventfd;
  }

  /** What descriptors stand for, each once. */
  List<EventfdFile> open() {
    lock.lock();
    try {
      return List.copyOf(fds.distinct());
    } finally {
      lock.unlock();
    }
  }

  /** Ends every blocked read, also of eventfds that only the read keeps. */
  void cancelReads() {
    open().forEach(EventfdCalls::cancelReads);
    closing.values().forEach(EventfdCalls::cancelReads);
  }

  private static void cancelReads(EventfdFile entry) {
    EventFd eventfd = entry.eventfd();
    if (eventfd != null) {
      eventfd.cancel();
    }
  }

  long used() {
    return quota.used();
  }

  private EventfdFile get(EventfdName ref) {
    EventfdFile entry = ref.byId() ? eventfds.get(ref.number()) : fds.get(ref.number());
    if (entry == null) {
      throw notOpen(ref);
    }
    return entry;
  }

  /** The last reference to the file is gone: {@code eventfd_release}. */
  private void release(long id) {
    EventfdFile entry = closing.remove(id);
    PendingClose op = entry == null ? null : entry.closing;
    if (entry == null || op == null) {
      throw new IllegalStateException("efd-" + id + " released without a close");
    }
    WaitQueueEntry bound = eventfdOf(entry).release();
    quota.release();
    if (bound instanceof Irqfd irqfd) {
      op.ends(List.of(irqfd));
      irqfd.whenFreed(op::finish);
    } else {
      op.finish();
    }
  }

  private void requireDescriptor() {
    if (fds.size() >= maxDescriptors) {
      throw new ErrnoException(Errno.EMFILE, "limit of " + maxDescriptors + " descriptors reached");
    }
  }

  private static EventFd eventfdOf(EventfdFile entry) {
    EventFd eventfd = entry.eventfd();
    if (eventfd == null) {
      throw new IllegalStateException("a pipe has no eventfd");
    }
    return eventfd;
  }

  private static ErrnoException notOpen(EventfdName ref) {
    return new ErrnoException(
        Errno.EBADF, ref + " is not open", Map.of("descriptor", ref.toString()));
  }
}
