package dev.virq.sandbox;

import dev.virq.stats.HostStats;
import dev.virq.trace.Outcome;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a shutdown of the whole instance found: every accepted signal stands under one outcome.
 *
 * @param sandboxes how many there were
 * @param signals signals accepted
 * @param outcomes how they ended, by outcome
 * @param complete whether nothing was left in flight
 */
public record DrainReport(
    int sandboxes, long signals, Map<Outcome, Long> outcomes, boolean complete) {

  static DrainReport of(List<HostStats> totals, boolean complete) {
    long signals = 0;
    Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
    for (HostStats stats : totals) {
      signals += stats.signals();
      stats.outcomes().forEach((outcome, count) -> outcomes.merge(outcome, count, Long::sum));
    }
    return new DrainReport(totals.size(), signals, outcomes, complete);
  }

  /** Signals without an outcome; 0 when complete. */
  public long lost() {
    return signals - outcomes.values().stream().mapToLong(Long::longValue).sum();
  }
}
