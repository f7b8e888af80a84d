package dev.virq.srcu;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a grace period waits for long, on the thread that waits: it owns none.
 *
 * <p>Used by the driver of the grace period; the drivers follow each other through the monitor of
 * {@link UpdateSide}, which hands the fields over.
 */
final class StallWatch {
  private final ReadSide domain;
  private final @Nullable OpenSections sections;
  private final Alarms alarms;
  private final long limitNanos;

  private boolean waiting;
  private long sinceNanos;

  /** Time of waiting after which to tell, the next time. {@link Long#MAX_VALUE} for never. */
  private long tellAfterNanos;

  StallWatch(ReadSide domain, @Nullable OpenSections sections, Alarms alarms, SrcuOptions options) {
    this.domain = domain;
    this.sections = sections;
    this.alarms = alarms;
    this.limitNanos =
        options.listener().equals(SrcuListener.NONE)
            ? Long.MAX_VALUE
            : TimeUnit.NANOSECONDS.convert(options.stallAfter());
  }

  /** A grace period begins. */
  void begin() {
    waiting = false;
  }

  /**
   * The grace period is about to sleep, or was asked about and has not ended: reports a stall if it
   * is time.
   *
   * @return nanoseconds after which to call again, at least 1; {@link Long#MAX_VALUE} for never
   */
  long check(long sequence, int rank) {
    if (limitNanos == Long.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    long now = System.nanoTime();
    if (!waiting) {
      waiting = true;
      sinceNanos = now;
      tellAfterNanos = limitNanos;
    }
    long waited = now - sinceNanos;
    if (waited >= tellAfterNanos) {
      long pause = limitNanos < Long.MAX_VALUE / 3 ? 3 * limitNanos : Long.MAX_VALUE;
      tellAfterNanos = pause < Long.MAX_VALUE - waited ? waited + pause : Long.MAX_VALUE;
      List<Stall.OpenSection> readers = sections == null ? List.of() : sections.of(rank);
      alarms.stalled(new Stall(sequence, waited, domain.open(rank), domain.isPoisoned(), readers));
    }
    return Math.max(1, tellAfterNanos - waited);
  }
}
