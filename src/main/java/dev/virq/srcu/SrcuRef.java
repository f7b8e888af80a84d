package dev.virq.srcu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A pointer that {@link SrcuDomain} protects, always accessed in volatile mode: that is the "R" of
 * the proof in {@code src/docs/synchronization.md}.
 *
 * <p>Any thread may call any method. What {@link #dereference} returned may be used until the
 * caller's read section ends; what {@link #getAndSet} took out may be reclaimed only after a grace
 * period.
 *
 * @param <T> what the pointer points to
 */
public final class SrcuRef<T> {
  private static final VarHandle POINTER;

  static {
    try {
      POINTER = MethodHandles.lookup().findVarHandle(SrcuRef.class, "pointer", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Volatile and swapped through the handle: an object of its own would double the size. */
  private volatile @Nullable T pointer;

  /**
   * Publishes a first value.
   *
   * @param initial what readers find until it is replaced; null for nothing
   */
  public SrcuRef(@Nullable T initial) {
    pointer = initial;
  }

  /** Reads the pointer: {@code srcu_dereference}. To be called inside a read section. */
  public @Nullable T dereference() {
    return pointer;
  }

  /** Publishes a value: {@code rcu_assign_pointer}. */
  public void assign(@Nullable T value) {
    pointer = value;
  }

  /**
   * Replaces the value in one step, so that exactly one of several callers gets the old one.
   *
   * @return what the pointer held before
   */
  @SuppressWarnings("unchecked") // what was put in
  public @Nullable T getAndSet(@Nullable T value) {
    return (T) POINTER.getAndSet(this, value);
  }
}
