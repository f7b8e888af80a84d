package dev.virq.inflight;

import dev.virq.breakpoint.Breakpoint;
import org.jspecify.annotations.Nullable;

/**
 * A signal or a close that was accepted; linked in the order of acceptance until it is over.
 *
 * <p>The links and {@code over} are guarded by the lock of the {@link InFlightList}, which no
 * annotation can name from here: the list alone touches them. {@code seq} is fixed once linked.
 */
public abstract class InFlight {
  /**
   * What a waiting caller learns about it.
   *
   * @param kind signal or close
   * @param id of the signal, or of the object closed
   * @param sinceMillis since when, in milliseconds since 1970 UTC
   * @param stage how far it is
   */
  public record Pending(String kind, String id, long sinceMillis, Stage stage) {}

  InFlight() {}

  long seq;
  boolean over;
  @Nullable InFlight previous;
  @Nullable InFlight next;

  /** Number of the event that accepted it; fixed once it is linked. */
  final long seq() {
    return seq;
  }

  /** Where it stands. Any thread. */
  public abstract Pending describe();

  /** Whether it cannot end until that thread is released. */
  abstract boolean behind(Breakpoint.Parked thread);
}
