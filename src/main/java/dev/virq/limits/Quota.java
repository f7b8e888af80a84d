package dev.virq.limits;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A bound on how many objects of one kind exist; may count in a wider bound too. Any thread. */
public final class Quota {
  private final String what;
  private final long limit;
  private final Errno errno;
  private final @Nullable Quota wider;
  private final AtomicLong used = new AtomicLong();

  /**
   * A bound.
   *
   * @param what the objects, plural, for the error's sentence
   * @param limit how many may exist
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
    while (true) {
      long now = used.get();
      if (now >= limit) {
        throw new ErrnoException(
            errno, "limit of " + limit + " " + what + " reached", Map.of("limit", limit));
      }
      if (used.compareAndSet(now, now + 1)) {
        break;
      }
    }
    if (wider == null) {
      return;
    }
    try {
      wider.acquire();
    } catch (ErrnoException e) {
      used.decrementAndGet();
      throw e;
    }
  }

  /** One object is gone; to be called once for each {@link #acquire} that returned. */
  public void release() {
    if (used.decrementAndGet() < 0) {
      throw new IllegalStateException("more " + what + " released than acquired");
    }
    if (wider != null) {
      wider.release();
    }
  }

  /** How many exist. */
  public long used() {
    return used.get();
  }
}
