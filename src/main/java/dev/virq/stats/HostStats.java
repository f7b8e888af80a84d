package dev.virq.stats;

import dev.virq.trace.Outcome;
import java.util.Map;

/**
 * What a sandbox did since its last reset.
 *
 * @param signals accepted signals
 * @param outcomes how they ended, by outcome; the rest is pending
 * @param gracePeriods the grace periods
 * @param injectionDepth injections waiting for a worker
 * @param cleanupDepth tear-downs waiting for a worker
 * @param bugs broken invariants; 0 unless virq has a bug
 */
public record HostStats(
    long signals,
    Map<Outcome, Long> outcomes,
    StatsProbe.GracePeriods gracePeriods,
    int injectionDepth,
    int cleanupDepth,
    long bugs) {

  /** Signals that have no outcome yet. */
  public long pending() {
    return signals - outcomes.values().stream().mapToLong(Long::longValue).sum();
  }
}
