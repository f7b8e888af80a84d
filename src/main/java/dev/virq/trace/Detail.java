package dev.virq.trace;

import org.jspecify.annotations.Nullable;

/**
 * What a tracepoint says besides its subject and its value: an outcome, the cause of an end, a line
 * status, or the signal that the thread carries.
 */
public interface Detail {
  /** Nothing to say. */
  Detail NONE = new Detail() {};

  /** The word that the event log keeps, or null. */
  default @Nullable String label() {
    return null;
  }

  /** Number of the signal that the thread carries, from 1; 0 for none. */
  default long signalId() {
    return 0;
  }

  /**
   * When that step happened, on the clock of the event log, for a detail that has read it; 0 when
   * the log is to read it.
   */
  default long nanosOf(Tracepoint step) {
    return 0;
  }
}
