package dev.virq.srcu;

import java.util.concurrent.atomic.AtomicReference;
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
  private final AtomicReference<@Nullable T> pointer;

  /**
   * Publishes a first value.
   *
   * @param initial what readers find until it is replaced; null for nothing
   */
  public SrcuRef(@Nullable T initial) {
    pointer = new AtomicReference<>(initial);
  }

  /** Reads the pointer: {@code srcu_dereference}. To be called inside a read section. */
  public @Nullable T dereference() {
    return pointer.get();
  }

  /** Publishes a value: {@code rcu_assign_pointer}. */
  public void assign(@Nullable T value) {
    pointer.set(value);
  }

  /**
   * Replaces the value in one step, so that exactly one of several callers gets the old one.
   *
   * @return what the pointer held before
   */
  public @Nullable T getAndSet(@Nullable T value) {
    return pointer.getAndSet(value);
  }
}
