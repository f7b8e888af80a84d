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

/**
 * Waiting for a kernel, exactly: by what is in flight, never by letting time pass.
 *
 * <p>Blocks the calling thread; no lock may be held. Timeouts are in nanoseconds; 0 looks once.
 * Refusals: ETIMEDOUT with what is pending, EDEADLK with what is held when waiting is in vain,
 * ECANCELED after a reset.
 */
public final class ExactWait {
  /** How waiting for one piece of work ended. */
  public enum Progress {
    /** It is over. */
    SETTLED,
    /** It goes on. */
    PENDING,
    /** It cannot go on before a held thread does. */
    HELD
  }

  private final InFlightList settle;
  private final Breakpoints breakpoints;
  private final LongSupplier seq;

  /**
   * Waiting for one host.
   *
   * @param settle what is in flight there
   * @param breakpoints its breakpoints
   * @param seq number of the newest event
   */
  public ExactWait(InFlightList settle, Breakpoints breakpoints, LongSupplier seq) {
    this.settle = settle;
    this.breakpoints = breakpoints;
    this.seq = seq;
  }

  /** Waits until every signal and close accepted up to that number is over. */
  public void settled(long upToSeq, long timeoutNanos) {
    InFlightList.Verdict verdict = settle.awaitSettled(upToSeq, timeoutNanos);
    require(verdict, upToSeq, "settled up to seq " + upToSeq);
  }

  /** Waits until all that was accepted by now is over. */
  public void settled(long timeoutNanos) {
    settled(seq.getAsLong(), timeoutNanos);
  }

  /** Waits until all that is in flight is held at breakpoints, or nothing is in flight. */
  public void parked(long timeoutNanos) {
    require(settle.awaitParked(timeoutNanos), Long.MAX_VALUE, "parked");
  }

  /**
   * Waits until a breakpoint holds so many threads.
   *
   * @throws ErrnoException ENOENT when there is no such breakpoint
   */
  public void parked(long breakpoint, int atLeast, long timeoutNanos) {
    InFlightList.Verdict verdict =
        settle.await(
            () -> {
              Breakpoint now = breakpoints.find(breakpoint);
              if (now == null) {
                throw new ErrnoException(
                    Errno.ENOENT, "breakpoint bp-" + breakpoint + " is unknown");
              }
              return now.parked().size() >= atLeast ? InFlightList.Verdict.MET : null;
            },
            timeoutNanos);
    require(verdict, Long.MAX_VALUE, "bp-" + breakpoint + " parked " + atLeast);
  }

  /**
   * Waits until a counter has reached a value.
   *
   * @param counter read at every change; takes leaf locks only
   * @param atMost a value past this is a storm
   * @return the counter
   * @throws ErrnoException ERANGE at once when the counter is past the most
   */
  public long counted(LongSupplier counter, long atLeast, long atMost, long timeoutNanos) {
    InFlightList.Verdict verdict =
        settle.await(
            () -> {
              long now = counter.getAsLong();
              if (now > atMost) {
                throw new ErrnoException(
                    Errno.ERANGE,
                    now + " injected, more than atMost " + atMost,
                    Map.of("observed", now));
              }
              return now >= atLeast ? InFlightList.Verdict.MET : null;
            },
            timeoutNanos);
    require(verdict, Long.MAX_VALUE, "injected " + atLeast);
    return counter.getAsLong();
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
        settle.await(
            () -> {
              if (gone.getAsBoolean()) {
                return InFlightList.Verdict.MET;
              }
              return ending.getAsBoolean() && settle.allHeld() ? InFlightList.Verdict.HELD : null;
            },
            timeoutNanos);
    require(verdict, Long.MAX_VALUE, what + " released");
  }

  /**
   * Waits for one piece of work; never a refusal but ECANCELED, for the work is done either way.
   */
  public Progress over(InFlight work, long timeoutNanos) {
    return switch (settle.awaitOver(work, timeoutNanos)) {
      case MET -> Progress.SETTLED;
      case HELD -> Progress.HELD;
      case TIMED_OUT -> Progress.PENDING;
    };
  }

  /** What is in flight, oldest first, the first few. */
  public List<InFlight.Pending> pending() {
    return settle.pending(Long.MAX_VALUE);
  }

  /** The held threads that keep what is in flight, the first few. */
  public List<Breakpoint.Parked> holders() {
    return settle.holders(Long.MAX_VALUE);
  }

  /** Where one piece of work stands. */
  public InFlight.Pending pending(InFlight work) {
    return work.describe();
  }

  /** The held threads that one piece of work is behind, the first few. */
  public List<Breakpoint.Parked> holders(InFlight work) {
    return settle.holders(work);
  }

  private void require(InFlightList.Verdict verdict, long upTo, String what) {
    if (verdict == InFlightList.Verdict.MET) {
      return;
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("pending", settle.pending(upTo));
    List<Breakpoint.Parked> holders = settle.holders(upTo);
    facts.put("heldBy", holders);
    if (verdict == InFlightList.Verdict.HELD) {
      throw new ErrnoException(
          Errno.EDEADLK,
          "waiting for %s is in vain: held by %s"
              .formatted(
                  what, holders.stream().map(h -> "bp-" + h.breakpoint()).distinct().toList()),
          facts);
    }
    throw new ErrnoException(Errno.ETIMEDOUT, "not " + what + " in time", facts);
  }
}
