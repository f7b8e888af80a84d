package dev.virq.sync;

/**
 * What the calling thread is called in what people see: the worker in whose place it works, or else
 * its own name.
 */
public final class WorkerName {
  private static final ScopedValue<String> NAME = ScopedValue.newInstance();

  private WorkerName() {}

  /** The name now. */
  public static String current() {
    return NAME.isBound() ? NAME.get() : Thread.currentThread().getName();
  }

  /** Binds a name, together with other values. */
  public static ScopedValue.Carrier with(ScopedValue.Carrier others, String name) {
    return others.where(NAME, name);
  }
}
