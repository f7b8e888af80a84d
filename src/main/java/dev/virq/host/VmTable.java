package dev.virq.host;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.inflight.PendingClose;
import dev.virq.stats.LineCounters;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The VMs of a host by number, the last released ones included.
 *
 * <p>Any thread. The lock guards numbers and states; it is never held over a release, a wait or a
 * tracepoint. Looking up takes no lock.
 */
final class VmTable {
  private final int tombstones;
  private final ReentrantLock lock = new ReentrantLock();

  /** Written under lock, read without. */
  private final ConcurrentSkipListMap<Long, VmFile> vms = new ConcurrentSkipListMap<>();

  /** Bounded by tombstones. */
  @GuardedBy("lock")
  private final Deque<VmFile> released = new ArrayDeque<>();

  @GuardedBy("lock")
  private long lastId;

  /**
   * No VMs.
   *
   * @param tombstones released VMs that stay visible
   */
  VmTable(int tombstones) {
    this.tombstones = tombstones;
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
   * A VM is destroyed; it stays visible for a while.
   *
   * @param seq number of the event that reported it
   */
  void destroyed(VmFile file, long seq) {
    lock.lock();
    try {
      file.seq = seq;
      file.state = VmFile.State.RELEASED;
      released.addLast(file);
      while (released.size() > tombstones) {
        vms.remove(released.removeFirst().id());
      }
    } finally {
      lock.unlock();
    }
  }

  /** The VM of that number; ENOENT when there is none. */
  VmFile find(long id) {
    VmFile file = vms.get(id);
    if (file == null) {
      throw new ErrnoException(Errno.ENOENT, "VM vm-" + Long.toUnsignedString(id) + " is unknown");
    }
    return file;
  }

  /** The counters of a line, or null where they are not kept. */
  @Nullable LineCounters line(long id, long gsi) {
    VmFile file = vms.get(id);
    return file == null ? null : file.lines().find(gsi);
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
