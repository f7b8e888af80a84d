package dev.virq.breakpoint;

import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.util.List;

/** One breakpoint's state. Not thread-safe: its owner holds the lock that guards all of them. */
final class Armed {
  final long id;
  final Breakpoint.Spec spec;

  /** Matching threads still to let pass. */
  private int skip;

  /** Threads still to stop. */
  int hits;

  private int hitCount;

  /** It has released a thread because its time was up. */
  boolean expired;

  Armed(long id, Breakpoint.Spec spec) {
    this.id = id;
    this.spec = spec;
    this.skip = spec.skip();
    this.hits = spec.hits();
  }

  /** Whether it stops this thread; if so, the hit is used up. */
  boolean claims(Tracepoint point, Subject subject) {
    if (spec.point() != point || hits == 0 || !spec.match().covers(subject)) {
      return false;
    }
    if (skip > 0) {
      skip--;
      return false;
    }
    hits--;
    hitCount++;
    return true;
  }

  /** The breakpoint now, when these are the threads that it stops. */
  Breakpoint snapshot(List<Breakpoint.Parked> parked) {
    Breakpoint.State state;
    if (expired) {
      state = Breakpoint.State.EXPIRED;
    } else if (!parked.isEmpty()) {
      state = Breakpoint.State.PARKED;
    } else {
      state = hits > 0 ? Breakpoint.State.ARMED : Breakpoint.State.DONE;
    }
    return new Breakpoint(id, spec, state, hitCount, parked);
  }
}
