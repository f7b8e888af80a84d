package dev.virq.pit;

import java.util.List;

/**
 * A PIT, whole: what restores it leaves nothing to follow.
 *
 * @param state its registers
 * @param speaker whether it has the speaker's port
 * @param elapsedNanos for how long each counter has had its count; that of counter 0 is not used
 * @param ticker what counter 0 drives
 * @param ticks what becomes of its ticks
 */
public record PitWhole(
    PitState state, boolean speaker, List<Long> elapsedNanos, Ticker ticker, Ticks ticks) {
  /** A period is not shorter than this. */
  public static final long SHORTEST_PERIOD = PitTicker.SHORTEST_PERIOD;

  /** Copies the list. */
  public PitWhole {
    elapsedNanos = List.copyOf(elapsedNanos);
  }

  /**
   * The timer behind counter 0.
   *
   * @param periodNanos what its count stands for; 0 when it was never started
   * @param leftNanos after how many nanoseconds it ticks; negative when that is over
   * @param armed whether it will tick
   * @param periodic whether again and again
   */
  public record Ticker(long periodNanos, long leftNanos, boolean armed, boolean periodic) {}

  /**
   * What becomes of ticks.
   *
   * @param reinject whether one that is missed is made up for
   * @param pending ticks that no acknowledgement was seen for
   * @param acknowledged whether the next tick may be injected
   */
  public record Ticks(boolean reinject, long pending, boolean acknowledged) {}
}
