package dev.virq.host;

import dev.virq.clock.SandboxClock;
import dev.virq.errno.ErrnoException;
import dev.virq.inflight.InFlightList;
import dev.virq.trace.EndCause;
import dev.virq.trace.Probe;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What every call on a host needs: whether the host is still alive, which probe observes it, and
 * where to register work that outlives the call. Any thread.
 */
final class CallContext {
  private final Probe probe;
  private final LongSupplier seq;
  private final InFlightList inFlight;
  private final SandboxClock clock;

  /** Why no call works any more, or null; volatile: set once by the one that shuts down. */
  private volatile @Nullable ErrnoException dead;

  /** The cause given for bindings that end in a shutdown, null before it. Volatile as dead is. */
  private volatile @Nullable EndCause shutdownCause;

  /**
   * The context of a live host.
   *
   * @param probe sees every step
   * @param seq number of the newest event
   * @param inFlight what is under way
   * @param clock what timers go by
   */
  CallContext(Probe probe, LongSupplier seq, InFlightList inFlight, SandboxClock clock) {
    this.clock = clock;
    this.probe = probe;
    this.seq = seq;
    this.inFlight = inFlight;
  }

  Probe probe() {
    return probe;
  }

  /** Number of the newest event. */
  long seq() {
    return seq.getAsLong();
  }

  InFlightList inFlight() {
    return inFlight;
  }

  /** What timers go by. */
  SandboxClock clock() {
    return clock;
  }

  /** Throws what ended the host, if it has ended. */
  void requireAlive() {
    ErrnoException refusal = dead;
    if (refusal != null) {
      throw refusal;
    }
  }

  /** Throws what ended the host, if it was shut down: what is in one that drains stays there. */
  void requirePresent() {
    if (shutdownCause != null) {
      requireAlive();
    }
  }

  /** Refuses every call from now on. */
  void end(ErrnoException refusal) {
    dead = refusal;
  }

  /** As {@link #end(ErrnoException)}; bindings that end from now on end by that cause. */
  void end(ErrnoException refusal, EndCause cause) {
    shutdownCause = cause;
    dead = refusal;
  }

  /** What the cause of a binding's end is called. */
  EndCause named(EndCause cause) {
    EndCause shutdown = shutdownCause;
    return shutdown == null ? cause : shutdown;
  }
}
