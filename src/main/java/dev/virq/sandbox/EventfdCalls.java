package dev.virq.sandbox;

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
  private final Kernel kernel;
  private final Quota quota;
  private final Quota waiters;
  private final int maxDescriptors;
  private final ReentrantLock lock = new ReentrantLock();

  // Written under lock, read without.
  private final ConcurrentSkipListMap<Long, EventfdEntry> eventfds = new ConcurrentSkipListMap<>();
  private final FdTable<EventfdEntry> fds = new FdTable<>();

  /** Eventfds whose descriptors are closed while calls still use them. */
  private final ConcurrentSkipListMap<Long, EventfdEntry> closing = new ConcurrentSkipListMap<>();

  /** Guarded by lock. */
  private long lastId;

  EventfdCalls(Kernel kernel, Limits limits, Quota total, Quota waiters) {
    this.kernel = kernel;
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
  public EventfdEntry create(
      long initval, boolean semaphore, boolean nonblock, @Nullable String name) {
    if (initval < 0 || initval > 0xffff_ffffL) {
      throw new ErrnoException(
          Errno.EINVAL, "initval " + Long.toUnsignedString(initval) + " outside 0..4294967295");
    }
    EventfdEntry entry =
        open(() -> {
          long id = ++lastId;
          EventFd eventfd = new EventFd(id, initval, semaphore);
          OpenFile file = new OpenFile(() -> release(id));
          EventfdEntry made = new EventfdEntry(id, name, eventfd, nonblock, file);
          eventfds.put(id, made);
          return made;
        });
    kernel.probe().hit(Tracepoint.EVENTFD_OPENED, eventfdOf(entry));
    return entry;
  }

  /** Creates a descriptor that is no eventfd; it counts as one against the limits. */
  public int pipe() {
    EventfdEntry entry =
        open(() -> new EventfdEntry(0, null, null, true, new OpenFile(quota::release)));
    return descriptors(entry).getFirst();
  }

  private EventfdEntry open(Supplier<EventfdEntry> make) {
    quota.acquire();
    boolean created = false;
    lock.lock();
    try {
      // Under the lock: a shutdown that comes later finds what is created here.
      kernel.requireAlive();
      requireDescriptor();
      EventfdEntry entry = make.get();
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
  public int dup(EventfdRef ref) {
    lock.lock();
    try {
      kernel.requireAlive();
      EventfdEntry entry = get(ref);
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
  public SignalRecord write(EventfdRef ref, long value) {
    return with(
        ref,
        entry -> {
          SignalRecord signal = new SignalRecord(kernel, entry.id());
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
  public long read(EventfdRef ref, long timeoutNanos) {
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
  public EventFd.Readiness poll(EventfdRef ref) {
    return with(ref, entry -> requireEventfd(ref, entry).poll());
  }

  /**
   * Closes that descriptor, or by id all of them. What the last one ends goes on by itself.
   *
   * @throws ErrnoException EBADF when it is not open
   */
  public CloseOp close(EventfdRef ref) {
    kernel.requireAlive();
    return closeAnyway(ref);
  }

  /** As {@link #close}, also while the kernel shuts down. */
  CloseOp closeAnyway(EventfdRef ref) {
    EventfdEntry entry;
    List<Integer> numbers;
    CloseOp op;
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
      op = new CloseOp(kernel, CloseOp.Kind.EVENTFD, id, 0, entry.id(), last);
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
      kernel.probe().hit(Tracepoint.EVENTFD_CLOSED, eventfd);
    }
    kernel.settle().begin(op, () -> {});
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
  public EventfdEntry find(EventfdRef ref) {
    EventfdEntry entry = get(ref);
    EventFd _ = requireEventfd(ref, entry);
    return entry;
  }

  /** Eventfds after a number, in order. */
  public List<EventfdEntry> list(long after, int limit) {
    return eventfds.tailMap(after, false).values().stream().limit(limit).toList();
  }

  /** The open descriptors of an eventfd, ascending. */
  public List<Integer> descriptors(EventfdEntry entry) {
    lock.lock();
    try {
      return List.copyOf(entry.fds);
    } finally {
      lock.unlock();
    }
  }

  // ---- for this package

  /** Makes a call with a reference to the file; EBADF when it is not open. */
  <R> R with(EventfdRef ref, Function<EventfdEntry, R> call) {
    kernel.requireAlive();
    EventfdEntry entry = get(ref);
    if (!entry.file.tryGet()) {
      throw notOpen(ref);
    }
    try {
      return call.apply(entry);
    } finally {
      entry.file.put();
    }
  }

  static EventFd requireEventfd(EventfdRef ref, EventfdEntry entry) {
    EventFd eventfd = entry.eventfd();
    if (eventfd == null) {
      throw new ErrnoException(Errno.EINVAL, ref + " is a pipe, not an eventfd");
    }
    return eventfd;
  }

  /** What descriptors stand for, each once. */
  List<EventfdEntry> open() {
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

  private static void cancelReads(EventfdEntry entry) {
    EventFd eventfd = entry.eventfd();
    if (eventfd != null) {
      eventfd.cancel();
    }
  }

  long used() {
    return quota.used();
  }

  private EventfdEntry get(EventfdRef ref) {
    EventfdEntry entry = ref.byId() ? eventfds.get(ref.number()) : fds.get(ref.number());
    if (entry == null) {
      throw notOpen(ref);
    }
    return entry;
  }

  /** The last reference to the file is gone: {@code eventfd_release}. */
  private void release(long id) {
    EventfdEntry entry = closing.remove(id);
    CloseOp op = entry == null ? null : entry.closing;
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

  private static EventFd eventfdOf(EventfdEntry entry) {
    EventFd eventfd = entry.eventfd();
    if (eventfd == null) {
      throw new IllegalStateException("a pipe has no eventfd");
    }
    return eventfd;
  }

  private static ErrnoException notOpen(EventfdRef ref) {
    return new ErrnoException(
        Errno.EBADF, ref + " is not open", Map.of("descriptor", ref.toString()));
  }
}
