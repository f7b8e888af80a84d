package dev.virq.explore;

import dev.virq.trace.Probe;

/**
 * Where the events of a run go.
 *
 * @param probe takes them
 * @param threads what the names of the run's threads begin with there
 */
public record RunLog(Probe probe, String threads) {}
