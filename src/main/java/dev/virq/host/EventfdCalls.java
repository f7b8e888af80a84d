package dev.virq.host;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.eventfd.EventFd;
import dev.virq.eventfd.WaitQueueEntry;
import dev.virq.inflight.PendingClose;
import dev.virq.inflight.PendingSignal;
import dev.virq.inflight.RecentSignals;
import dev.virq.irqfd.Irqfd;
import dev.virq.limits.Budget;
import dev.virq.limits.Cost;
import dev.virq.limits.Limits;
import dev.virq.limits.Quota;
import dev.virq.limits.Waiters;
import dev.virq.trace.Tracepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls on descriptors: eventfd(2), write(2), read(2), poll(2), dup(2), close(2).
 *
 * <p>Any thread.
 */
public final class EventfdCalls {
  private final CallContext context;
  private final RecentSignals signals;
  private final Quota quota;
  private final Waiters waiters;
  private final EventfdTable table;
  private final Budget memory;

  /** What ends an eventfd: one for all, for each has it for as long as it is there. */
  private final Consumer<EventfdFile> releasing = this::released;

  EventfdCalls(
      CallContext context,
      RecentSignals signals,
      Limits limits,
      Quota total,
      Waiters waiters,
      Budget memory) {
    this.memory = memory;
    this.context = context;
    this.signals = signals;
    this.waiters = waiters;
    this.table = new EventfdTable(context, limits.descriptors(), memory);
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
          Errno.EINVAL, "initval " + Long.toUnsignedString(initval) + " is outside 0..4294967295");
    }
    EventfdFile file =
        counted(
            bytes(name),
            () ->
                table.open(id -> {
                  EventFd eventfd = new EventFd(id, initval, semaphore, context.probe());
                  return new EventfdFile(id, name, eventfd, nonblock, releasing);
                }));
    context.probe().hit(Tracepoint.EVENTFD_OPENED, eventfdOf(file));
    return file;
  }

  /**
   * Creates a descriptor of something other than an eventfd; it counts as one against the limits.
   */
  public int pipe() {
    return counted(
        bytes(null), () -> table.open(new EventfdFile(0, null, null, true, this::uncount)));
  }

  private <T> T counted(long bytes, Supplier<T> open) {
    quota.acquire();
    boolean charged = false;
    boolean created = false;
    try {
      memory.acquire(bytes, Cost.EVENTFD);
      charged = true;
      T made = open.get();
      created = true;
      return made;
    } finally {
      if (!created) {
        memory.release(charged ? bytes : 0);
        quota.release();
      }
    }
  }

  private void uncount(EventfdFile file) {
    memory.release(bytes(file.name()));
    quota.release();
  }

  private static long bytes(@Nullable String name) {
    return Cost.EVENTFD.bytes() + Cost.ofName(name);
  }

  /**
   * Opens one more descriptor of the same object.
   *
   * @return its number
   * @throws ErrnoException EBADF; EMFILE past the limit
   */
  public int dup(EventfdName name) {
    return table.dup(name);
  }

  /**
   * Writes. When it returns, the injection is queued, made or merged, or none is needed.
   *
   * @param value unsigned
   * @return the signal, to be followed to its outcome
   * @throws ErrnoException EBADF, EINVAL for 2^64-1, EAGAIN when it would block
   */
  public PendingSignal write(EventfdName ref, long value) {
    return with(
        ref,
        entry -> {
          EventFd eventfd = requireEventfd(ref, entry);
          PendingSignal signal = signals.signal(entry.id());
          signal.beginWrite();
          try {
            eventfd.write(value, signal);
          } finally {
            signal.endWrite();
          }
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
              : blockingRead(entry, eventfd, timeoutNanos);
        });
  }

  private long blockingRead(EventfdFile file, EventFd eventfd, long timeoutNanos) {
    try (Waiters.Waiter _ = waiters.enter()) {
      if (eventfd.poll().in()) {
        return eventfd.read(timeoutNanos);
      }
      // In this order, as the close looks in the other: one of the two sees that nothing is left
      // but this reader.
      eventfd.enterRead();
      try {
        PendingClose close = file.closing;
        if (close != null) {
          leaveToSleeper(close);
        }
        return eventfd.read(timeoutNanos);
      } finally {
        eventfd.leaveRead();
      }
    }
  }

  /**
   * Ends the close of a file that a blocked read keeps open: close(2) does not wait for the reader,
   * and the file is released when the read comes back.
   */
  private static void leaveToSleeper(PendingClose close) {
    if (close.claimEnd()) {
      close.finish();
    }
  }

  /** Readiness, as poll(2) with timeout 0 reports it. */
  public EventFd.Readiness poll(EventfdName ref) {
    return with(ref, entry -> requireEventfd(ref, entry).poll());
  }

  /**
   * Closes that descriptor, or by id all of them. What the last one ends is not waited for. While a
   * blocked read keeps the file, the close is over, and what it ends goes with that read.
   *
   * @throws ErrnoException EBADF when it is not open
   */
  public PendingClose close(EventfdName ref) {
    context.requireAlive();
    return closeAnyway(ref);
  }

  /** As {@link #close}, also while the host shuts down. */
  PendingClose closeAnyway(EventfdName ref) {
    EventfdTable.Closed closed = table.close(ref);
    EventfdFile file = closed.file();
    EventFd eventfd = file.eventfd();
    String id = eventfd == null ? ref.toString() : "efd-" + file.id();
    PendingClose close = PendingClose.ofEventfd(context.inFlight(), file.id(), id, closed.last());
    if (closed.last() && eventfd != null) {
      context.probe().hit(Tracepoint.EVENTFD_CLOSED, eventfd);
    }
    context.inFlight().begin(close);
    if (closed.last() && eventfd != null) {
      file.closing = close;
    }
    for (int _ : closed.descriptors()) {
      file.ref.put();
    }
    if (!closed.last() || eventfd == null) {
      close.finish();
    } else if (eventfd.hasReaders()) {
      leaveToSleeper(close);
    }
    return close;
  }

  /**
   * The open eventfd of that name.
   *
   * @throws ErrnoException EBADF when it is not open, EINVAL when it is not an eventfd
   */
  public EventfdFile find(EventfdName ref) {
    EventfdFile entry = table.get(ref);
    EventFd _ = requireEventfd(ref, entry);
    return entry;
  }

  /** Eventfds after a number, in order. */
  public List<EventfdFile> list(long after, int limit) {
    return table.list(after, limit);
  }

  /** The open descriptors of an eventfd, ascending. */
  public List<Integer> descriptors(EventfdFile file) {
    return table.descriptors(file);
  }

  // ---- all of them

  /** All open eventfds at one moment each, in the order of their numbers. */
  public List<EventfdFile.Whole> whole() {
    List<EventfdFile.Whole> all = new ArrayList<>();
    for (EventfdFile file : table.list(0, Integer.MAX_VALUE)) {
      all.add(EventfdFile.Whole.of(file, eventfdOf(file), table.descriptors(file)));
    }
    return List.copyOf(all);
  }

  /** How many descriptors are open. */
  public int descriptors() {
    return table.descriptors();
  }

  /** The descriptors of each open pipe, ascending, in the order of their first. */
  public List<List<Integer>> pipes() {
    return table.open().stream()
        .filter(file -> file.eventfd() == null)
        .map(table::descriptors)
        .toList();
  }

  /** Whether the eventfd of that number is open. */
  boolean isOpen(long number) {
    return table.find(number) != null;
  }

  /** Numbers of eventfds that are closed, and that only calls under way keep. */
  public List<Long> closing() {
    return table.closing().stream().map(EventfdFile::id).toList();
  }

  /** The number of the next eventfd. */
  public long next() {
    return table.next();
  }

  /** The next eventfd gets that number. */
  public void startAt(long next) {
    table.startAt(next);
  }

  /**
   * Creates an eventfd that was in another host: with that number, those descriptors, which are
   * free, and a counter of 0. {@link #become} follows when it is bound.
   *
   * @throws ErrnoException EMFILE, ENFILE past the limits
   */
  public void restore(EventfdFile.Whole state) {
    EventfdFile file =
        counted(
            bytes(state.name()),
            () -> {
              EventFd eventfd = new EventFd(state.number(), 0, state.semaphore(), context.probe());
              EventfdFile made =
                  new EventfdFile(
                      state.number(), state.name(), eventfd, state.nonblock(), releasing);
              table.openAs(made, state.fds());
              return made;
            });
    context.probe().hit(Tracepoint.EVENTFD_OPENED, eventfdOf(file));
  }

  /** Has the counters of the one that was in another host. */
  public void become(EventfdFile.Whole state) {
    eventfdOf(table.get(EventfdName.id(state.number()))).become(state.counters());
  }

  /**
   * Creates a pipe that was in another host, with those descriptors, which are free.
   *
   * @throws ErrnoException EMFILE, ENFILE past the limits
   */
  public void restorePipe(List<Integer> fds) {
    EventfdFile _ =
        counted(
            bytes(null),
            () -> {
              EventfdFile made = new EventfdFile(0, null, null, true, this::uncount);
              table.openAs(made, fds);
              return made;
            });
  }

  // ---- for this package

  /** Makes a call with a reference to the file; EBADF when it is not open. */
  <R> R with(EventfdName name, Function<EventfdFile, R> call) {
    context.requireAlive();
    EventfdFile file = table.get(name);
    if (!file.ref.tryGet()) {
      throw EventfdTable.notOpen(name);
    }
    try {
      return call.apply(file);
    } finally {
      file.ref.put();
    }
  }

  static EventFd requireEventfd(EventfdName name, EventfdFile file) {
    EventFd eventfd = file.eventfd();
    if (eventfd == null) {
      throw new ErrnoException(Errno.EINVAL, name + " is a pipe, not an eventfd");
    }
    return eventfd;
  }

  /** What descriptors stand for, each once. */
  List<EventfdFile> open() {
    return table.open();
  }

  /** Ends every blocked read, also of eventfds that only the read keeps. */
  void cancelReads() {
    table.open().forEach(EventfdCalls::cancelReads);
    table.closing().forEach(EventfdCalls::cancelReads);
  }

  private static void cancelReads(EventfdFile file) {
    EventFd eventfd = file.eventfd();
    if (eventfd != null) {
      eventfd.cancel();
    }
  }

  long used() {
    return quota.used();
  }

  /** The last reference to the file is gone: {@code eventfd_release}. */
  private void released(EventfdFile file) {
    PendingClose close = file.closing;
    if (!table.released(file) || close == null) {
      throw new IllegalStateException("efd-" + file.id() + " released without a close");
    }
    if (!close.claimEnd()) {
      // It was over when only a blocked read was left: what the end of that read ends is new.
      close = PendingClose.ofEventfd(context.inFlight(), file.id(), "efd-" + file.id(), true);
      context.inFlight().begin(close);
    }
    PendingClose ends = close;
    WaitQueueEntry bound = eventfdOf(file).release();
    uncount(file);
    if (bound instanceof Irqfd irqfd) {
      ends.ends(List.of(irqfd));
      irqfd.whenFreed(ends::finish);
    } else {
      ends.finish();
    }
  }

  private static EventFd eventfdOf(EventfdFile file) {
    EventFd eventfd = file.eventfd();
    if (eventfd == null) {
      throw new IllegalStateException("a pipe has no eventfd");
    }
    return eventfd;
  }
}
