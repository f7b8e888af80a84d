package dev.virq.torture;

/** The ways to wait for a grace period. */
enum Flavour {
  /** synchronize. */
  SYNCHRONIZE,
  /** synchronizeExpedited. */
  EXPEDITED,
  /** synchronize with a limit, until it says true. */
  TIMED,
  /** A callback; the updater goes on. */
  CALL,
  /** A callback, and barrier. */
  CALL_AND_BARRIER,
  /** getState, then poll now and then; when nobody else needs a grace period, synchronize. */
  POLL,
  /** startPoll, then poll now and then. */
  START_POLL;

  private static final Flavour[] ALL = values();

  static Flavour of(int number) {
    return ALL[number % ALL.length];
  }
}
