package dev.virq.client;

/** A test left something open. */
public final class LeakError extends AssertionError {
  private static final long serialVersionUID = 1;

  private final transient TeardownReport.Leaked leaked;

  LeakError(String sandbox, TeardownReport.Leaked leaked) {
    super("left open in sandbox %s: %s".formatted(sandbox, leaked.names()));
    this.leaked = leaked;
  }

  /** The ids by kind. */
  public TeardownReport.Leaked leaked() {
    return leaked;
  }
}
