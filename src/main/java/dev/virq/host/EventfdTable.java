package dev.virq.host;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.limits.Budget;
import dev.virq.limits.Cost;
import dev.virq.sync.NumberedTable;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors of a host, and the eventfds by number.
 *
 * <p>Any thread. The lock guards descriptor numbers; it is never held over a release, a wait or a
 * tracepoint. Looking up takes no lock.
 */
final class EventfdTable {
  /**
   * What a close removed.
   *
   * @param file what the descriptors stood for
   * @param descriptors their numbers
   * @param last whether no descriptor is left
   */
  record Closed(EventfdFile file, List<Integer> descriptors, boolean last) {}

  private final CallContext context;
  private final int maxDescriptors;
  private final Budget memory;
  private final ReentrantLock lock = new ReentrantLock();

  // Written under lock, read without.
  private final NumberedTable<EventfdFile> eventfds = new NumberedTable<>();
  private final FdTable<EventfdFile> fds = new FdTable<>();

  /** Eventfds whose descriptors are closed while calls still use them. */
  private final NumberedTable<EventfdFile> closing = new NumberedTable<>();

  @GuardedBy("lock")
  private long lastId;

  /**
   * No descriptors.
   *
   * @param maxDescriptors how many may be open
   * @param memory what they are charged to
   */
  EventfdTable(CallContext context, int maxDescriptors, Budget memory) {
    this.memory = memory;
    this.context = context;
    this.maxDescriptors = maxDescriptors;
  }

  /** Opens a descriptor of a new eventfd; EMFILE past the limit. */
  EventfdFile open(LongFunction<EventfdFile> make) {
    lock.lock();
    try {
      takeRoom();
      EventfdFile file = make.apply(++lastId);
      eventfds.put(file.id(), file);
      install(file);
      return file;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Opens a descriptor of something other than an eventfd, without a number of its own; EMFILE past
   * the limit.
   */
  int open(EventfdFile other) {
    lock.lock();
    try {
      takeRoom();
      return install(other);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Opens descriptors of those numbers, which are free.
   *
   * @param file what they stand for; an eventfd is found by its number, too
   * @throws ErrnoException EMFILE, ENFILE past the limits
   */
  void openAs(EventfdFile file, List<Integer> numbers) {
    lock.lock();
    try {
      context.requireAlive();
      if (numbers.size() > maxDescriptors - fds.size()) {
        throw full();
      }
      memory.acquire(Cost.DESCRIPTOR.of(numbers.size()), Cost.DESCRIPTOR);
      if (file.eventfd() != null) {
        eventfds.put(file.id(), file);
      }
      for (int fd : numbers) {
        fds.installAt(fd, file);
        file.addDescriptor(fd);
      }
      for (int more = 1; more < numbers.size(); more++) {
        boolean _ = file.ref.tryGet();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The number of the next eventfd. */
  long next() {
    lock.lock();
    try {
      return lastId + 1;
    } finally {
      lock.unlock();
    }
  }

  /** The next eventfd gets that number. */
  void startAt(long next) {
    lock.lock();
    try {
      lastId = next - 1;
    } finally {
      lock.unlock();
    }
  }

  /** Opens one more descriptor of the same object; EBADF, EMFILE past the limit. */
  int dup(EventfdName name) {
    lock.lock();
    try {
      context.requireAlive();
      EventfdFile file = get(name);
      takeDescriptor();
      if (!file.ref.tryGet()) {
        memory.release(Cost.DESCRIPTOR);
        throw notOpen(name);
      }
      return install(file);
    } finally {
      lock.unlock();
    }
  }

  /** Closes that descriptor, or by id all of them; EBADF when it is not open. */
  Closed close(EventfdName name) {
    lock.lock();
    try {
      EventfdFile file = get(name);
      List<Integer> numbers = name.byId() ? file.descriptors() : List.of((int) name.number());
      boolean last = false;
      for (int fd : numbers) {
        fds.remove(fd);
        last = file.removeDescriptor(fd);
      }
      memory.release(Cost.DESCRIPTOR.of(numbers.size()));
      if (last && file.eventfd() != null) {
        boolean _ = eventfds.remove(file.id(), file);
        closing.put(file.id(), file);
      }
      return new Closed(file, numbers, last);
    } finally {
      lock.unlock();
    }
  }

  /** The last reference to a closed eventfd is gone; whether it was closed. */
  boolean released(EventfdFile file) {
    return closing.remove(file.id(), file);
  }

  /** What that name stands for; EBADF when it is not open. */
  EventfdFile get(EventfdName name) {
    EventfdFile file = name.byId() ? eventfds.get(name.number()) : fds.get(name.number());
    if (file == null) {
      throw notOpen(name);
    }
    return file;
  }

  /** The eventfd of that number, or null when it is not open. */
  @Nullable EventfdFile find(long number) {
    return eventfds.get(number);
  }

  /** Eventfds after a number, in order. */
  List<EventfdFile> list(long after, int limit) {
    return eventfds.after(after, limit);
  }

  /** The open descriptors of a file, ascending. */
  List<Integer> descriptors(EventfdFile file) {
    lock.lock();
    try {
      return file.descriptors();
    } finally {
      lock.unlock();
    }
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

  /** How many descriptors are open. */
  int descriptors() {
    lock.lock();
    try {
      return fds.size();
    } finally {
      lock.unlock();
    }
  }

  /** Eventfds that are kept only by calls under way. */
  Collection<EventfdFile> closing() {
    return closing.all();
  }

  static ErrnoException notOpen(EventfdName name) {
    return new ErrnoException(
        Errno.EBADF, name + " is not open", Map.of("descriptor", name.toString()));
  }

  /** Lock held. */
  private int install(EventfdFile file) {
    int fd = fds.install(file);
    file.addDescriptor(fd);
    return fd;
  }

  /** Under the lock: a shutdown that comes later finds what is created here. */
  private void takeRoom() {
    context.requireAlive();
    takeDescriptor();
  }

  private void takeDescriptor() {
    if (fds.size() >= maxDescriptors) {
      throw full();
    }
    memory.acquire(Cost.DESCRIPTOR);
  }

  private ErrnoException full() {
    return new ErrnoException(Errno.EMFILE, "limit of " + maxDescriptors + " descriptors reached");
  }
}
