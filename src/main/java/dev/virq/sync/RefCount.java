package dev.virq.sync;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The number of references to an object: {@code refcount_t}.
 *
 * <p>Begins at 1, for the object's creator. Once it is 0 the object has ended, and no call brings
 * it back. Any thread; never blocks.
 */
public class RefCount {
  private static final VarHandle COUNT;

  static {
    try {
      COUNT = MethodHandles.lookup().findVarHandle(RefCount.class, "count", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final String name;

  /** Volatile and changed through the handle: an object of its own would double the size. */
  private volatile int count = 1;

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
    return Math.max(0, count);
  }

  /**
   * Takes a reference: {@code refcount_inc_not_zero}.
   *
   * @return false when the object has ended
   */
  public boolean tryGet() {
    while (true) {
      int seen = count;
      if (seen <= 0) {
        return false;
      }
      if (COUNT.compareAndSet(this, seen, seen + 1)) {
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
    int left = (int) COUNT.getAndAdd(this, -1) - 1;
    if (left < 0) {
      throw new BrokenLifetime(BrokenLifetime.Kind.DOUBLE_FREE, name, "put more often than got");
    }
    return left == 0;
  }
}
