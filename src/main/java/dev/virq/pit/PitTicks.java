package dev.virq.pit;

/**
 * What becomes of the ticks of counter 0. With reinjection, one is injected when the one before was
 * acknowledged, and those that are missed are made up for; without, each is injected when it comes.
 * Not thread-safe: the chip lock is held.
 */
final class PitTicks {
  /**
   * More pulses than this, with nobody between them, change nothing any more but the count of the
   * line's edges.
   */
  static final int MOST_PULSES = 3;

  private boolean reinject = true;
  private long pending;
  private boolean acknowledged = true;
  private boolean wanted;

  boolean reinjects() {
    return reinject;
  }

  /** Whether missed ticks are made up for; begins anew when it is switched on. */
  void reinject(boolean on) {
    if (on && !reinject) {
      reset();
    }
    reinject = on;
  }

  /** Nothing is missed, and the next tick may be injected. */
  void reset() {
    pending = 0;
    acknowledged = true;
  }

  /** The guest has acknowledged the line. */
  void acknowledge() {
    acknowledged = true;
    if (pending > 0) {
      pending--;
      wanted |= pending > 0;
    }
  }

  /** So many ticks have come; how many pulses the line gets. */
  int pulses(long ticks) {
    if (ticks == 0 && !wanted) {
      return 0;
    }
    wanted = false;
    if (!reinject) {
      return (int) Math.min(Math.max(ticks, 1), MOST_PULSES);
    }
    pending += ticks;
    if (!acknowledged) {
      return 0;
    }
    acknowledged = false;
    return 1;
  }

  PitWhole.Ticks whole() {
    return new PitWhole.Ticks(reinject, pending, acknowledged);
  }

  void become(PitWhole.Ticks state) {
    reinject = state.reinject();
    pending = state.pending();
    acknowledged = state.acknowledged();
    wanted = false;
  }
}
