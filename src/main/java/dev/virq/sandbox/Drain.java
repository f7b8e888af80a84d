package dev.virq.sandbox;

import dev.virq.errno.ErrnoException;
import dev.virq.host.ShutdownReport;
import dev.virq.stats.HostStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * The end of all sandboxes: every accepted signal gets its outcome, and everything is closed. Calls
 * that are still under way are refused from here on. Used once, by one thread.
 */
final class Drain {
  /** A moment for closing, after those that were waited for. */
  private static final long CLOSING_NANOS = 1_000_000_000L;

  /** The same where all are closed at the end; once more if that much was left of the drain. */
  private static final long LATE_CLOSING_NANOS = 3_500_000_000L;

  private final Collection<Sandbox> all;
  private final ErrnoException refusal;
  private final long deadline;

  private final List<HostStats> totals = new ArrayList<>();
  private boolean complete = true;

  /**
   * Begins.
   *
   * @param all the sandboxes
   * @param refusal what calls are answered
   * @param timeout how long to wait at most
   */
  Drain(Collection<Sandbox> all, ErrnoException refusal, Duration timeout) {
    this.all = all;
    this.refusal = refusal;
    this.deadline = System.nanoTime() + timeout.toNanos();
  }

  /** Closes each as soon as it is quiet. */
  DrainReport closeEach() {
    List<Sandbox> busy = new ArrayList<>();
    // First those that are quiet, so that one that is not takes no time from them.
    for (Sandbox sandbox : all) {
      if (sandbox.host().drain(refusal, 0)) {
        end(sandbox, deadline + CLOSING_NANOS);
      } else {
        busy.add(sandbox);
      }
    }
    for (Sandbox sandbox : busy) {
      complete &= sandbox.host().drain(refusal, left());
      end(sandbox, deadline + CLOSING_NANOS);
    }
    return report();
  }

  /** Closes none before those that are quiet were given to be left. */
  DrainReport leaveThenClose(Consumer<List<Sandbox>> leave) {
    List<Sandbox> settled = new ArrayList<>();
    List<Sandbox> busy = new ArrayList<>();
    for (Sandbox sandbox : all) {
      (sandbox.host().drain(refusal, 0) ? settled : busy).add(sandbox);
    }
    List<Sandbox> late = new ArrayList<>();
    for (Sandbox sandbox : busy) {
      (sandbox.host().drain(refusal, left()) ? settled : late).add(sandbox);
    }
    complete = late.isEmpty();
    long closing = Math.min(left(), LATE_CLOSING_NANOS) + LATE_CLOSING_NANOS;
    leave.accept(List.copyOf(settled));
    long end = System.nanoTime() + closing;
    settled.forEach(sandbox -> end(sandbox, end));
    late.forEach(sandbox -> end(sandbox, end));
    return report();
  }

  private long left() {
    return Math.max(0, deadline - System.nanoTime());
  }

  private void end(Sandbox sandbox, long until) {
    complete &= isClosed(sandbox, until);
    totals.add(sandbox.host().stats());
  }

  private static boolean isClosed(Sandbox sandbox, long until) {
    long rest = until - System.nanoTime();
    if (rest <= 0) {
      // Closing takes time too, and there may be many.
      return false;
    }
    ShutdownReport report = sandbox.close(rest);
    return report == null || report.complete();
  }

  private DrainReport report() {
    return DrainReport.of(totals, complete);
  }
}
