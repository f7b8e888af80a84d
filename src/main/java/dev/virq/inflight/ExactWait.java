package dev.virq.inflight;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.breakpoint.Breakpoints;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Waiting for a host, exactly: by what is in flight, never by letting time pass.
 *
 * <p>Blocks the calling thread; no lock may be held. Timeouts are in nanoseconds; 0 looks once.
 * Refusals: ETIMEDOUT with what is pending, EDEADLK with what is held when waiting would be in
 * vain, ECANCELED after a reset.
 */
public final class ExactWait {
  /** How waiting for one piece of work ended. */
  public enum Progress {
    /** It is over. */
    SETTLED,
    /** It is still under way. */
    PENDING,
    /** It cannot continue before a held thread is let go. */
    HELD
  }

  private final InFlightList inFlight;
  private final Breakpoints breakpoints;
  private final LongSupplier seq;

  /**
   * Waiting for one host.
   *
   * @param inFlight what is in flight there
   * @param breakpoints its breakpoints
   * @param seq number of the newest event
   */
  public ExactWait(InFlightList inFlight, Breakpoints breakpoints, LongSupplier seq) {
    this.inFlight = inFlight;
    this.breakpoints = breakpoints;
    this.seq = seq;
  }

  /** Waits until every signal and close accepted up to that number is over. */
  public void settled(long upToSeq, long timeoutNanos) {
    InFlightList.Verdict verdict = inFlight.awaitSettled(upToSeq, timeoutNanos);
    require(verdict, upToSeq, "everything up to seq " + upToSeq + " to settle", () -> "");
  }

  /** Waits until all that was accepted by now is over. */
  public void settled(long timeoutNanos) {
    settled(seq.getAsLong(), timeoutNanos);
  }

  /**
   * Whether all that was accepted by now is over, at once or within the moment that it takes when
   * nothing hinders it. Never sleeps.
   */
  public boolean settlesSoon() {
    return inFlight.awaitSettled(seq.getAsLong(), Changes.LOOK_OUT_NANOS)
        == InFlightList.Verdict.MET;
  }

  /** Waits until all that is in flight is held at breakpoints, or nothing is in flight. */
  public void parked(long timeoutNanos) {
    require(
        inFlight.awaitParked(timeoutNanos),
        Long.MAX_VALUE,
        "everything in flight to park",
        () -> "");
  }

  /**
   * Waits until a breakpoint holds that many threads.
   *
   * @throws ErrnoException ENOENT when there is no such breakpoint
   */
  public void parked(long breakpoint, int atLeast, long timeoutNanos) {
    InFlightList.Verdict verdict =
        inFlight.await(
            () -> {
              Breakpoint now = breakpoints.find(breakpoint);
              if (now == null) {
                throw new ErrnoException(
                    Errno.ENOENT, "breakpoint bp-" + breakpoint + " is unknown");
              }
              return now.parked().size() >= atLeast ? InFlightList.Verdict.MET : null;
            },
            timeoutNanos);
    Breakpoint seen = breakpoints.find(breakpoint);
    String what =
        WaitAccount.place(breakpoint, seen == null ? null : seen.spec().point().pointName());
    require(
        verdict,
        Long.MAX_VALUE,
        what,
        () ->
            seen == null
                ? ""
                : ": it holds %d of %d, and %d have arrived"
                    .formatted(seen.parked().size(), atLeast, seen.hitCount()));
  }

  /**
   * Waits until a counter of injections has reached a value.
   *
   * @param what names what it counts at
   * @param counter read at every change; takes leaf locks only
   * @param atMost a value past this is a storm
   * @return the counter
   * @throws ErrnoException ERANGE at once when the counter is past the most
   */
  public long counted(
      String what, LongSupplier counter, long atLeast, long atMost, long timeoutNanos) {
    InFlightList.Verdict verdict =
        inFlight.await(
            () -> {
              long now = counter.getAsLong();
              if (now > atMost) {
                throw new ErrnoException(
                    Errno.ERANGE,
                    "%s: %d injected, more than atMost %d".formatted(what, now, atMost),
                    Map.of("observed", now));
              }
              return now >= atLeast ? InFlightList.Verdict.MET : null;
            },
            timeoutNanos);
    long count = counter.getAsLong();
    require(verdict, Long.MAX_VALUE, what, () -> ": %d injected of %d".formatted(count, atLeast));
    return count;
  }

  /**
   * Waits until an object is gone; in vain when its end is under way and all that is in flight is
   * held.
   *
   * @param gone whether it is gone; takes no lock
   * @param ending whether its end has begun; takes no lock
   * @param what names it
   */
  public void gone(BooleanSupplier gone, BooleanSupplier ending, String what, long timeoutNanos) {
    InFlightList.Verdict verdict =
        inFlight.awaitGone(
            () -> {
              if (gone.getAsBoolean()) {
                return InFlightList.Verdict.MET;
              }
              return ending.getAsBoolean() && inFlight.allHeld() ? InFlightList.Verdict.HELD : null;
            },
            timeoutNanos);
    require(
        verdict,
        Long.MAX_VALUE,
        what + " to be released",
        () -> ending.getAsBoolean() ? "" : ": nothing has begun to end it");
  }

  /**
   * Waits for one piece of work. The only refusal is ECANCELED, because the work is done either
   * way.
   */
  public Progress over(InFlight work, long timeoutNanos) {
    return switch (inFlight.awaitOver(work, timeoutNanos)) {
      case MET -> Progress.SETTLED;
      case HELD -> Progress.HELD;
      case TIMED_OUT -> Progress.PENDING;
    };
  }

  /** Whether one piece of work is over. */
  public boolean isOver(InFlight work) {
    return work.over;
  }

  /** What is in flight, oldest first, the first few. */
  public List<InFlight.Pending> pending() {
    return inFlight.pending(Long.MAX_VALUE);
  }

  /** The held threads that keep what is in flight, the first few. */
  public List<Breakpoint.Parked> holders() {
    return inFlight.holders(Long.MAX_VALUE);
  }

  /** Where one piece of work stands. */
  public InFlight.Pending pending(InFlight work) {
    return work.describe();
  }

  /** The held threads that one piece of work is behind, the first few. */
  public List<Breakpoint.Parked> holders(InFlight work) {
    return inFlight.holders(work);
  }

  private void require(
      InFlightList.Verdict verdict, long upTo, String what, Supplier<String> seen) {
    if (verdict == InFlightList.Verdict.MET) {
      return;
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    List<InFlight.Pending> pending = inFlight.pending(upTo);
    facts.put("pending", pending);
    List<Breakpoint.Parked> holders = inFlight.holders(upTo);
    facts.put("heldBy", holders);
    if (verdict == InFlightList.Verdict.HELD) {
      throw new ErrnoException(
          Errno.EDEADLK,
          "waiting for %s would never end: held by %s"
              .formatted(what, WaitAccount.holders(holders)),
          facts);
    }
    throw new ErrnoException(
        Errno.ETIMEDOUT,
        "timed out waiting for " + what + seen.get() + WaitAccount.of(pending, holders),
        facts);
  }
}
