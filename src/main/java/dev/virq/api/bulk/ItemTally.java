package dev.virq.api.bulk;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.errno.ErrnoException;
import dev.virq.inflight.PendingSignal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of the writes of one item. Any thread. */
final class ItemTally {
  @GuardedBy("this")
  private final List<PendingSignal> signals = new ArrayList<>();

  @GuardedBy("this")
  private int failed;

  @GuardedBy("this")
  private @Nullable ErrnoException refusal;

  /** A write was accepted. */
  synchronized void accepted(PendingSignal signal) {
    signals.add(signal);
  }

  /** So many writes were refused; the first reason is kept. */
  synchronized void refused(int writes, ErrnoException why) {
    failed += writes;
    if (refusal == null) {
      refusal = why;
    }
  }

  /** The accepted ones, in the order of acceptance when one thread wrote. */
  synchronized List<PendingSignal> signals() {
    return List.copyOf(signals);
  }

  /** How many were refused. */
  synchronized int failed() {
    return failed;
  }

  /** Why the first was refused, or null. */
  synchronized @Nullable ErrnoException refusal() {
    return refusal;
  }
}
