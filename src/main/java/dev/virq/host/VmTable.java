package dev.virq.host;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.inflight.PendingClose;
import dev.virq.limits.Budget;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;

/**
 * The VMs of a host by number, the last released ones included.
 *
 * <p>Any thread. The lock guards numbers and states; it is never held over a release, a wait or a
 * tracepoint. Looking up takes no lock.
 */
final class VmTable {
  private final int tombstones;
  private final Budget memory;
  private final ReentrantLock lock = new ReentrantLock();

  /** Written under lock, read without. */
  private final ConcurrentSkipListMap<Long, VmFile> vms = new ConcurrentSkipListMap<>();

  /** Bounded by tombstones. */
  @GuardedBy("lock")
  private final Deque<VmFile> released = new ArrayDeque<>();

  @GuardedBy("lock")
  private boolean ended;

  @GuardedBy("lock")
  private long lastId;

  /**
   * No VMs.
   *
   * @param tombstones released VMs that stay visible
   * @param memory what they are charged to, as history
   */
  VmTable(int tombstones, Budget memory) {
    this.tombstones = tombstones;
    this.memory = memory;
  }

  /** The number of the next VM. */
  long next() {
    lock.lock();
    try {
      return lastId + 1;
    } finally {
      lock.unlock();
    }
  }

  /** The next VM gets that number. */
  void startAt(long next) {
    lock.lock();
    try {
      lastId = next - 1;
    } finally {
      lock.unlock();
    }
  }

  /** Adds what is made for the next number. When making it throws, the number is not used. */
  VmFile add(LongFunction<VmFile> make) {
    lock.lock();
    try {
      long id = lastId + 1;
      VmFile file = make.apply(id);
      lastId = id;
      vms.put(id, file);
      return file;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Removes the descriptor of an open VM.
   *
   * @param close the close that does it
   * @throws ErrnoException EBADF when it was closed before
   */
  void close(VmFile file, PendingClose close) {
    lock.lock();
    try {
      if (file.state != VmFile.State.OPEN) {
        throw closed(file.id());
      }
      file.state = VmFile.State.CLOSING;
      file.closing = close;
    } finally {
      lock.unlock();
    }
  }

  /**
   * A VM is destroyed; it stays visible for a while, if there is memory for history.
   *
   * @param seq number of the event that reported it
   * @param bytes what is left of it
   */
  void destroyed(VmFile file, long seq, long bytes) {
    lock.lock();
    try {
      file.seq = seq;
      file.state = VmFile.State.RELEASED;
      boolean remembered = !ended && memory.tryRemember(bytes);
      while (!remembered && !ended && !released.isEmpty()) {
        forgetFirst();
        remembered = memory.tryRemember(bytes);
      }
      if (!remembered) {
        vms.remove(file.id());
        file.lines().clear();
        return;
      }
      file.remembered = bytes;
      released.addLast(file);
      while (released.size() > tombstones) {
        forgetFirst();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Forgets the released VMs, now and later: the host is gone. */
  void end() {
    lock.lock();
    try {
      ended = true;
      while (!released.isEmpty()) {
        forgetFirst();
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void forgetFirst() {
    VmFile oldest = released.removeFirst();
    vms.remove(oldest.id());
    // An irqfd that is not freed yet may keep the counters of all lines otherwise.
    oldest.lines().clear();
    memory.forget(oldest.remembered);
  }

  /** The VM of that number; ENOENT when there is none. */
  VmFile find(long id) {
    VmFile file = vms.get(id);
    if (file == null) {
      throw new ErrnoException(Errno.ENOENT, "VM vm-" + Long.toUnsignedString(id) + " is unknown");
    }
    return file;
  }

  /** VMs after a number, in order. */
  List<VmFile> list(long after, int limit) {
    return vms.tailMap(after, false).values().stream().limit(limit).toList();
  }

  /** The VMs whose descriptor is open. */
  List<VmFile> open() {
    lock.lock();
    try {
      return vms.values().stream().filter(file -> file.state == VmFile.State.OPEN).toList();
    } finally {
      lock.unlock();
    }
  }

  static ErrnoException closed(long id) {
    return new ErrnoException(Errno.EBADF, "VM vm-" + id + " is closed");
  }
}
