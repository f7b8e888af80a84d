package dev.virq.host;

import dev.virq.breakpoint.Breakpoint;
import org.jspecify.annotations.Nullable;

/** A signal or a close that was accepted; linked in the order of acceptance until it is over. */
public abstract sealed class InFlight permits PendingSignal, PendingClose {
  /**
   * What a waiting caller is told of it.
   *
   * @param kind signal or close
   * @param id of the signal, or of the object closed
   * @param sinceMillis since when, in milliseconds since 1970 UTC
   * @param stage how far it is
   */
  public record Pending(String kind, String id, long sinceMillis, String stage) {}

  InFlight() {}

  // All guarded by the lock of Settle.
  long seq;
  boolean over;
  @Nullable InFlight previous;
  @Nullable InFlight next;

  /** Number of the event that accepted it; fixed once it is linked. */
  final long seq() {
    return seq;
  }

  abstract Pending describe();

  /** Whether it cannot end before that thread goes on. */
  abstract boolean behind(Breakpoint.Parked thread);
}
