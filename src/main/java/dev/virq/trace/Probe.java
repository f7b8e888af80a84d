package dev.virq.trace;

import org.jspecify.annotations.Nullable;

/**
 * An observer of tracepoints.
 *
 * <p>Called on the thread that passes the place, possibly under a lock ({@link
 * Tracepoint#holds()}): it must not block there, throw, or call back into the domain. At a
 * stoppable tracepoint it may keep the thread.
 */
@FunctionalInterface
public interface Probe {
  /** Sees nothing. */
  Probe NONE = (point, subject, value, detail) -> {};

  /**
   * A thread passes a tracepoint.
   *
   * @param point which
   * @param subject the objects concerned
   * @param value a duration in nanoseconds, the SRCU index, or a number; 0 when there is none
   * @param detail an outcome, a cause or a signal; null when there is none
   */
  void hit(Tracepoint point, Subject subject, long value, @Nullable Object detail);

  /** A thread passes a tracepoint that has nothing to add. */
  default void hit(Tracepoint point, Subject subject) {
    hit(point, subject, 0, null);
  }
}
