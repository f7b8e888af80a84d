package dev.virq.workqueue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Work that the calling thread asks for and keeps back until its operation has ended. */
public final class KeptBack {
  private static final ScopedValue<List<Runnable>> LATER = ScopedValue.newInstance();

  private KeptBack() {}

  /**
   * Runs an operation, and only then the work that it asks for, as if the workers had to wait for
   * the processor that the operation runs on. The operation must not wait for work that it asked
   * for.
   *
   * @param operation runs at once, on this thread
   */
  public static <R> R during(Supplier<R> operation) {
    if (LATER.isBound()) {
      return operation.get();
    }
    List<Runnable> later = new ArrayList<>(0);
    try {
      return ScopedValue.where(LATER, later).call(operation::get);
    } finally {
      later.forEach(Runnable::run);
    }
  }

  /** Whether what the calling thread asks for is kept back. */
  static boolean isOn() {
    return LATER.isBound();
  }

  /** Keeps back a request. */
  static void add(Runnable request) {
    LATER.get().add(request);
  }
}
