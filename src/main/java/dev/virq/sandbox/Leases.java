package dev.virq.sandbox;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.sync.ShrinkingMap;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * When to look at which sandbox: not before its lease may have run out. A call that renews a lease
 * tells nobody; a look that comes too early is put off until the lease ends as it is by then. So
 * looking takes as long as there are leases that have run out, and a call does not pay for it.
 *
 * <p>Any thread. The monitor is held for bookkeeping; the lock of a sandbox's lease is taken under
 * it, never the other way round.
 */
final class Leases {
  /** A look at a sandbox, at a time of its clock. */
  private record Look(long atNanos, long number, Sandbox sandbox) implements Comparable<Look> {
    @Override
    public int compareTo(Look other) {
      // By the difference: the clock may wrap around.
      int sooner = Long.signum(atNanos - other.atNanos);
      return sooner != 0 ? sooner : Long.compare(number, other.number);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Look look && number == look.number;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(number);
    }
  }

  private final LongSupplier nanoClock;

  @GuardedBy("this")
  private final TreeSet<Look> looks = new TreeSet<>();

  /** The only look at each sandbox that is watched. */
  @GuardedBy("this")
  private final ShrinkingMap<Sandbox, Look> bySandbox = new ShrinkingMap<>();

  @GuardedBy("this")
  private long lastNumber;

  /** Nothing is watched yet. The clock is the one that the leases go by. */
  Leases(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /** A sandbox can be found from now on: it is looked at when its lease ends. */
  void watch(Sandbox sandbox) {
    lookAgain(sandbox, true);
  }

  /** The lease of a sandbox may end earlier than it did. */
  void shortened(Sandbox sandbox) {
    lookAgain(sandbox, false);
  }

  /** A sandbox is gone. */
  synchronized void unwatch(Sandbox sandbox) {
    Look look = bySandbox.remove(sandbox);
    if (look != null) {
      looks.remove(look);
    }
  }

  /** The sandboxes whose lease has run out; each is found again until it is gone. */
  List<Sandbox> expired() {
    List<Sandbox> expired = new ArrayList<>();
    for (Look look : due(nanoClock.getAsLong())) {
      if (look.sandbox().isExpired()) {
        expired.add(look.sandbox());
      } else {
        lookAgain(look.sandbox(), false);
      }
    }
    return expired;
  }

  /** How many sandboxes are watched. */
  synchronized int size() {
    return bySandbox.size();
  }

  private synchronized List<Look> due(long nowNanos) {
    List<Look> due = new ArrayList<>();
    for (Look look : looks) {
      if (look.atNanos() - nowNanos > 0) {
        break;
      }
      due.add(look);
    }
    return due;
  }

  /** Puts the look at a sandbox to the end of its lease as it is now, if there is to be one. */
  private synchronized void lookAgain(Sandbox sandbox, boolean begin) {
    if (!begin && bySandbox.get(sandbox) == null) {
      return;
    }
    unwatch(sandbox);
    // Under the monitor, so that of two callers the later one also has the later end.
    Long end = sandbox.endsAtNanos();
    if (end != null) {
      Look look = new Look(end, ++lastNumber, sandbox);
      looks.add(look);
      bySandbox.put(sandbox, look);
    }
  }
}
