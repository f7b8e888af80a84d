package dev.virq.limits;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A bound on how many objects of one kind exist, or on the bytes that objects take; may count in a
 * wider bound too. Any thread.
 */
public final class Quota {
  private final String what;
  private final long limit;
  private final Errno errno;
  private final @Nullable Quota wider;
  private final AtomicLong used = new AtomicLong();

  /**
   * A bound.
   *
   * @param what the objects, plural, or bytes of what, for the error's sentence
   * @param limit how many may exist, or how many bytes they may take
   * @param errno what a call past it answers
   * @param wider a bound that every object counts in too, or null
   */
  public Quota(String what, long limit, Errno errno, @Nullable Quota wider) {
    this.what = what;
    this.limit = limit;
    this.errno = errno;
    this.wider = wider;
  }

  /**
   * Counts one more object.
   *
   * @throws ErrnoException when the bound is reached; nothing is counted then
   */
  public void acquire() {
    acquire(1);
  }

  /**
   * Counts so many more objects or bytes: all of them or none.
   *
   * @param amount at least 0
   * @throws ErrnoException when they do not fit; nothing is counted then
   */
  public void acquire(long amount) {
    Quota full = firstWithoutRoom(amount);
    if (full != null) {
      throw new ErrnoException(
          full.errno,
          "limit of " + full.limit + " " + full.what + " reached",
          Map.of("limit", full.limit));
    }
  }

  /** As {@link #acquire(long)}, but answers false where that throws. */
  public boolean tryAcquire(long amount) {
    return firstWithoutRoom(amount) == null;
  }

  /** Counts the amount here and in the wider bounds, or answers the one that has no room for it. */
  private @Nullable Quota firstWithoutRoom(long amount) {
    if (amount < 0) {
      throw new IllegalArgumentException(amount + " " + what);
    }
    while (true) {
      long now = used.get();
      if (amount > limit - now) {
        return this;
      }
      if (used.compareAndSet(now, now + amount)) {
        break;
      }
    }
    Quota full = wider == null ? null : wider.firstWithoutRoom(amount);
    if (full != null) {
      used.addAndGet(-amount);
    }
    return full;
  }

  /** One object is gone; to be called once for each {@link #acquire} that returned. */
  public void release() {
    release(1);
  }

  /** So many objects or bytes are gone that were acquired. */
  public void release(long amount) {
    if (used.addAndGet(-amount) < 0) {
      throw new IllegalStateException("more " + what + " released than acquired");
    }
    if (wider != null) {
      wider.release(amount);
    }
  }

  /** How many exist, or how many bytes they take. */
  public long used() {
    return used.get();
  }
}
