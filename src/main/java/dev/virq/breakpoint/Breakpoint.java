package dev.virq.breakpoint;

import dev.virq.trace.Detail;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.util.List;

/**
 * A breakpoint as it stood at one moment.
 *
 * @param id its number in the sandbox, from 1
 * @param spec what was asked for
 * @param state where it stands
 * @param hitCount threads it has stopped so far
 * @param parked threads it stops now, longest first
 */
public record Breakpoint(long id, Spec spec, State state, int hitCount, List<Parked> parked) {

  /** Copies the list. */
  public Breakpoint {
    parked = List.copyOf(parked);
  }

  /** Where a breakpoint stands. */
  public enum State {
    /** Waits for a thread. */
    ARMED,
    /** Stops at least one thread now. */
    PARKED,
    /** Has stopped all threads it was to stop, and released them. */
    DONE,
    /** Let a thread go because its time was up: it was forgotten. */
    EXPIRED
  }

  /** What happens to a thread that arrives. */
  public enum Action {
    /** It stays until released, at most {@link Spec#maxHoldNanos()}. */
    HOLD,
    /** It stays for {@link Spec#delayNanos()} and then continues by itself. */
    DELAY
  }

  /**
   * What to stop.
   *
   * @param point where; must be a stoppable tracepoint
   * @param match which threads
   * @param action what happens to them
   * @param delayNanos for {@link Action#DELAY}: how long
   * @param skip matching threads to let pass first
   * @param hits matching threads to stop after that
   * @param maxHoldNanos for {@link Action#HOLD}: longest stay
   */
  public record Spec(
      Tracepoint point,
      Match match,
      Action action,
      long delayNanos,
      int skip,
      int hits,
      long maxHoldNanos) {

    /** Holds the next thread that comes by, for 30 seconds at most. */
    public static Spec hold(Tracepoint point) {
      return new Spec(point, Match.ANY, Action.HOLD, 0, 0, 1, 30_000_000_000L);
    }
  }

  /**
   * Which objects a thread must be dealing with; 0 (for the line: -1) means any.
   *
   * @param vm number of the VM
   * @param irqfd number of the irqfd
   * @param eventfd number of the eventfd
   * @param gsi the line
   */
  public record Match(long vm, long irqfd, long eventfd, long gsi) {
    /** Matches every thread. */
    public static final Match ANY = new Match(0, 0, 0, -1);

    boolean covers(Subject subject) {
      return (vm == 0 || vm == subject.vmId())
          && (irqfd == 0 || irqfd == subject.irqfdId())
          && (eventfd == 0 || eventfd == subject.eventfdId())
          && (gsi == -1 || gsi == subject.gsi());
    }
  }

  /**
   * A thread that is stopped.
   *
   * @param breakpoint number of the breakpoint that stops it
   * @param point where it stands
   * @param held true when it stays until released, false when it continues after a delay
   * @param thread the thread's name
   * @param subject the objects it deals with
   * @param detail what the tracepoint says besides: the signal it carries, or what ends a binding
   * @param value the tracepoint's value: inside a read section, its index
   * @param sinceMillis since when, in milliseconds since 1970 UTC
   */
  public record Parked(
      long breakpoint,
      Tracepoint point,
      boolean held,
      String thread,
      Subject subject,
      Detail detail,
      long value,
      long sinceMillis) {

    /** What it holds, in words, such as {@code srcu-read#0}. */
    public List<String> holds() {
      return point.holds().stream().map(held -> held.label(value)).toList();
    }
  }
}
