package dev.virq.trace;

/**
 * An observer of tracepoints.
 *
 * <p>Called on the thread that passes the place, possibly under a lock ({@link
 * Tracepoint#holds()}): it must not block there, throw, or call back into the domain. At a
 * stoppable tracepoint it may keep the thread, and so decide which thread runs next.
 */
@FunctionalInterface
public interface Probe {
  /** Sees nothing. */
  Probe NONE =
      new Probe() {
        @Override
        public void hit(Tracepoint point, Subject subject, long value, Detail detail) {}

        @Override
        public boolean observes(Tracepoint point) {
          return false;
        }
      };

  /**
   * A thread passes a tracepoint.
   *
   * @param point which
   * @param subject the objects concerned
   * @param value what {@link Tracepoint#value()} says; 0 when it says nothing
   * @param detail an outcome, a cause, a line status or a signal; {@link Detail#NONE} otherwise. A
   *     caller that knows which it has calls the method for it, which ends here unless a probe
   *     overrides it.
   */
  void hit(Tracepoint point, Subject subject, long value, Detail detail);

  /** The outcome of a signal is known. For probes that need to know which. */
  default void hit(Tracepoint point, Subject subject, long value, Outcome outcome) {
    hit(point, subject, value, (Detail) outcome);
  }

  /** A step in the end of a binding. For probes that need to know what ended it. */
  default void hit(Tracepoint point, Subject subject, long value, EndCause cause) {
    hit(point, subject, value, (Detail) cause);
  }

  /** The interrupt controller has answered. For probes that need to know the answer. */
  default void hit(Tracepoint point, Subject subject, long value, LineStatus status) {
    hit(point, subject, value, (Detail) status);
  }

  /** A thread passes a tracepoint that has nothing to add. */
  default void hit(Tracepoint point, Subject subject) {
    hit(point, subject, 0, Detail.NONE);
  }

  /** Whether a tracepoint means anything to this probe: asked once, so that others cost nothing. */
  default boolean observes(Tracepoint point) {
    return true;
  }

  /**
   * Whether a thread that passes a tracepoint now is seen or stopped there. One that is not may
   * pass it unsaid.
   */
  default boolean isObserved(Tracepoint point) {
    return observes(point);
  }

  /** Whether a tracepoint that it observes means something to it only while somebody looks. */
  default boolean observesForWatchers(Tracepoint point) {
    return false;
  }
}
