package dev.virq.sync;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The number of references to an object: {@code refcount_t}.
 *
 * <p>Begins at 1, for the object's creator. Once it is 0 the object has ended, and no call brings
 * it back. Any thread; never blocks.
 */
public final class RefCount {
  private final String name;
  private final AtomicInteger count = new AtomicInteger(1);

  /**
   * One reference.
   *
   * @param name of the object, for messages
   */
  public RefCount(String name) {
    this.name = name;
  }

  /** References held now; 0 once the object has ended. */
  public int get() {
    return Math.max(0, count.get());
  }

  /**
   * Takes a reference: {@code refcount_inc_not_zero}.
   *
   * @return false when the object has ended
   */
  public boolean tryGet() {
    while (true) {
      int seen = count.get();
      if (seen <= 0) {
        return false;
      }
      if (count.compareAndSet(seen, seen + 1)) {
        return true;
      }
    }
  }

  /**
   * Drops a reference: {@code refcount_dec_and_test}. The caller that drops the last one ends the
   * object.
   *
   * @return whether it was the last; true exactly once
   * @throws IllegalStateException when there was none left to drop
   */
  public boolean put() {
    int left = count.decrementAndGet();
    if (left < 0) {
      throw new IllegalStateException(name + " put more often than got");
    }
    return left == 0;
  }
}
