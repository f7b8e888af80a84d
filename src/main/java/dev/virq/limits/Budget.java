package dev.virq.limits;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import java.util.Map;

/**
 * The bytes that one sandbox takes: of its own limit, and beyond what it is guaranteed, of the
 * instance's.
 *
 * <p>There are two accounts. <b>Objects</b> are what calls make: past a limit the call is refused
 * before anything is allocated. <b>History</b> is what happened: signals and events that are kept,
 * tombstones. It never makes a call fail: it is not given more than half of a limit, and where it
 * gets nothing it keeps less. Each account has a guaranteed part, which is taken from the instance
 * when the sandbox is created; within it the instance is not asked.
 *
 * <p>Any thread; the monitor is a leaf lock but for the instance's counter.
 */
public final class Budget {
  private final MemoryLimits limits;
  private final Quota instance;

  @GuardedBy("this")
  private long objects;

  @GuardedBy("this")
  private long history;

  @GuardedBy("this")
  private boolean restoring;

  /** What the instance is charged for objects and for history even when there are fewer bytes. */
  @GuardedBy("this")
  private long guaranteedObjects;

  @GuardedBy("this")
  private long guaranteedHistory;

  /**
   * Takes the guaranteed bytes.
   *
   * @param limits bounds
   * @param instance the bytes of all sandboxes
   * @throws ErrnoException ENFILE when the instance has no room for them
   */
  public Budget(MemoryLimits limits, Quota instance) {
    this.limits = limits;
    this.instance = instance;
    this.guaranteedObjects = limits.guaranteedObjects();
    this.guaranteedHistory = limits.guaranteedHistory();
    if (!instance.tryAcquire(guaranteedObjects + guaranteedHistory)) {
      throw instanceFull(guaranteedObjects + guaranteedHistory, Cost.SANDBOX);
    }
  }

  /** A budget that is never used up: for a host that is embedded in a program, such as a test. */
  public static Budget unbounded() {
    MemoryLimits limits = MemoryLimits.unbounded();
    return new Budget(limits, instance(limits));
  }

  /** The bytes of all sandboxes, none taken. */
  public static Quota instance(MemoryLimits limits) {
    return new Quota(
        "bytes of the instance's memory", limits.memoryBytesTotal(), Errno.ENFILE, null);
  }

  /** As {@link #acquire(long, Cost)} for one object. */
  public void acquire(Cost cost) {
    acquire(cost.bytes(), cost);
  }

  /**
   * Takes bytes for objects.
   *
   * @param what they are for
   * @throws ErrnoException EMFILE past the sandbox's limit, ENFILE past the instance's; nothing is
   *     taken then
   */
  public synchronized void acquire(long bytes, Cost what) {
    if (!fits(bytes)) {
      throw new ErrnoException(
          Errno.EMFILE,
          "limit of %d bytes of a sandbox's memory reached (virq.memory.sandbox-share): %s needs %d"
                  .formatted(limits.memoryBytes(), what.what(), bytes)
              + " more, and "
              + (objects + history)
              + " are taken",
          Map.of("limit", limits.memoryBytes()));
    }
    if (!tryAcquireFitting(bytes)) {
      throw instanceFull(bytes, what);
    }
  }

  /** As {@link #acquire(long, Cost)}, but answers false where that throws. */
  public synchronized boolean tryAcquire(long bytes) {
    return fits(bytes) && tryAcquireFitting(bytes);
  }

  @GuardedBy("this")
  private boolean fits(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException(bytes + " bytes");
    }
    return bytes <= limits.memoryBytes() - objects - history;
  }

  @GuardedBy("this")
  private boolean tryAcquireFitting(long bytes) {
    if (!instance.tryAcquire(beyond(objects + bytes, guaranteedObjects) - beyondObjects())) {
      return false;
    }
    objects += bytes;
    return true;
  }

  /** As {@link #release(long)} for one object. */
  public void release(Cost cost) {
    release(cost.bytes());
  }

  /** Gives back bytes that were taken for objects. */
  public synchronized void release(long bytes) {
    if (bytes < 0 || bytes > objects) {
      throw new IllegalStateException(bytes + " bytes released of " + objects);
    }
    long before = beyondObjects();
    objects -= bytes;
    instance.release(before - beyondObjects());
  }

  /** Takes bytes for history, if less than half of the sandbox's and the instance's is in use. */
  public synchronized boolean tryRemember(long bytes) {
    if (bytes > limits.memoryBytes() / 2 - objects - history) {
      return false;
    }
    long more = beyond(history + bytes, guaranteedHistory) - beyondHistory();
    if (more > 0 && more > limits.memoryBytesTotal() / 2 - instance.used()) {
      return false;
    }
    if (!instance.tryAcquire(more)) {
      return false;
    }
    history += bytes;
    return true;
  }

  /**
   * As {@link #tryRemember}, for records that grow as things happen. Refused while something is
   * restored: its objects need the room that they had.
   */
  public synchronized boolean tryRecord(long bytes) {
    return !restoring && tryRemember(bytes);
  }

  /** Whether objects are made that another sandbox had. */
  public synchronized void restoring(boolean now) {
    restoring = now;
  }

  /** Gives back bytes that were taken for history. */
  public synchronized void forget(long bytes) {
    if (bytes < 0 || bytes > history) {
      throw new IllegalStateException(bytes + " bytes forgotten of " + history);
    }
    long before = beyondHistory();
    history -= bytes;
    instance.release(before - beyondHistory());
  }

  /**
   * The sandbox is gone: the guaranteed bytes are given back. What is still taken, because its end
   * is held up, is given back when it ends. To be called once.
   */
  public synchronized void close() {
    if (guaranteedObjects == 0) {
      throw new IllegalStateException("budget closed twice");
    }
    long before = beyondObjects() + guaranteedObjects + beyondHistory() + guaranteedHistory;
    guaranteedObjects = 0;
    guaranteedHistory = 0;
    instance.release(before - objects - history);
  }

  /** Bytes taken, for objects and for history. */
  public synchronized long used() {
    return objects + history;
  }

  /** Bytes taken for history. */
  public synchronized long remembered() {
    return history;
  }

  @GuardedBy("this")
  private long beyondObjects() {
    return beyond(objects, guaranteedObjects);
  }

  @GuardedBy("this")
  private long beyondHistory() {
    return beyond(history, guaranteedHistory);
  }

  private static long beyond(long bytes, long guaranteed) {
    return Math.max(0, bytes - guaranteed);
  }

  private ErrnoException instanceFull(long bytes, Cost what) {
    return new ErrnoException(
        Errno.ENFILE,
        ("limit of %d bytes of the instance's memory reached (virq.memory.instance-share): %s needs"
                + " %d more, and %d are taken")
            .formatted(limits.memoryBytesTotal(), what.what(), bytes, instance.used()),
        Map.of("limit", limits.memoryBytesTotal()));
  }
}
