package dev.virq.inflight;

import dev.virq.breakpoint.Breakpoint;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a wait that failed says of what it saw, in one sentence for people. */
final class WaitAccount {
  /** How many of a kind are named; the problem's members list more. */
  private static final int NAMED = 3;

  private WaitAccount() {}

  /** Such as {@code ; in flight: sig-1 (INJECTING); held by [bp-1 at inject.locked]}. */
  static String of(List<InFlight.Pending> pending, List<Breakpoint.Parked> holders) {
    String inFlight =
        pending.isEmpty()
            ? "; nothing is in flight"
            : "; in flight: " + shortened(pending.stream().map(WaitAccount::pending));
    return holders.isEmpty() ? inFlight : inFlight + "; held by " + holders(holders);
  }

  private static String pending(InFlight.Pending work) {
    String what = work.kind().equals("close") ? "close of " + work.id() : work.id();
    return what + " (" + work.stage() + ")";
  }

  /** Such as {@code [bp-1 at inject.locked]}. */
  static String holders(List<Breakpoint.Parked> holders) {
    return "["
        + shortened(
            holders.stream()
                .map(thread -> place(thread.breakpoint(), thread.point().pointName()))
                .distinct())
        + "]";
  }

  /** A breakpoint and where it is. */
  static String place(long breakpoint, @Nullable String point) {
    return point == null ? "bp-" + breakpoint : "bp-" + breakpoint + " at " + point;
  }

  private static String shortened(Stream<String> all) {
    List<String> names = all.toList();
    String first = names.stream().limit(NAMED).collect(Collectors.joining(", "));
    return names.size() <= NAMED ? first : first + " and more";
  }
}
