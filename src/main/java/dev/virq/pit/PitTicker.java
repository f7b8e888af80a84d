package dev.virq.pit;

/** The timer behind counter 0, in nanoseconds. Not thread-safe: the chip lock is held. */
final class PitTicker {
  /** A shorter period is lengthened to this, from the first tick on. */
  static final long SHORTEST_PERIOD = 200_000;

  private long period;
  private long target;
  private boolean armed;
  private boolean periodic;

  /** Starts it. */
  void start(long now, long nanos, boolean again) {
    period = again ? Math.max(nanos, SHORTEST_PERIOD) : nanos;
    periodic = again;
    target = now + nanos;
    armed = true;
  }

  /** Stops it; what it has counted can still be asked for. */
  void stop() {
    armed = false;
  }

  /** Nanoseconds of its period that are over; more than the period once a one-shot has ended. */
  long elapsed(long now) {
    return period == 0 ? 0 : period - (target - now);
  }

  /** How often it has ticked by then, since it was last asked. */
  long ticks(long now) {
    if (!armed || target > now) {
      return 0;
    }
    if (!periodic) {
      armed = false;
      return 1;
    }
    long ticks = 1 + (now - target) / period;
    target += ticks * period;
    return ticks;
  }

  PitWhole.Ticker whole(long now) {
    return new PitWhole.Ticker(period, target - now, armed, periodic);
  }

  void become(PitWhole.Ticker state, long now) {
    period = state.periodNanos();
    target = now + state.leftNanos();
    armed = state.armed();
    periodic = state.periodic();
  }
}
