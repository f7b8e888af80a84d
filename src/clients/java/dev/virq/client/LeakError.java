package dev.virq.client;

import java.util.List;
import java.util.stream.Collectors;

/** A test left something open. */
public final class LeakError extends AssertionError {
  private static final long serialVersionUID = 1;

  private final transient TeardownReport.Leaked leaked;

  private final transient List<Held> held;

  LeakError(String sandbox, TeardownReport.Leaked leaked, List<Held> held) {
    super(
        "left open in sandbox %s: %s".formatted(sandbox, leaked.names())
            + held.stream().map(LeakError::still).collect(Collectors.joining()));
    this.leaked = leaked;
    this.held = List.copyOf(held);
  }

  private static String still(Held one) {
    String what = one.signal() == null ? one.thread() : one.signal();
    return "; %s still held %s at %s: release it".formatted(one.breakpoint(), what, one.point());
  }

  /** The threads that breakpoints still held, which is often why the rest is open. */
  public List<Held> held() {
    return held;
  }

  /** The ids by kind. */
  public TeardownReport.Leaked leaked() {
    return leaked;
  }
}
