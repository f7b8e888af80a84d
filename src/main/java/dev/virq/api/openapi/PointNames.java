package dev.virq.api.openapi;

import dev.virq.trace.Held;
import dev.virq.trace.Tracepoint;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/** The words for places of the code, and for what a thread holds there. */
public final class PointNames {
  private PointNames() {}

  /** The names of all points, in the order of the code. */
  public static List<String> all() {
    return names(_ -> true);
  }

  /** Those where a breakpoint can be set. */
  public static List<String> stoppable() {
    return names(Tracepoint::stoppable);
  }

  private static List<String> names(Predicate<Tracepoint> which) {
    return Arrays.stream(Tracepoint.values())
        .filter(which)
        .map(Tracepoint::pointName)
        .filter(Objects::nonNull)
        .toList();
  }

  /** What a thread may hold at a point. */
  public static List<String> held() {
    return Arrays.stream(Held.values()).map(Held::label).toList();
  }
}
