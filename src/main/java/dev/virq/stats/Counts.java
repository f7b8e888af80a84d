package dev.virq.stats;

/**
 * How many objects there are.
 *
 * @param vms not released
 * @param eventfds open
 * @param irqfds not freed
 * @param breakpoints armed or not
 * @param parked stopped threads
 */
public record Counts(long vms, long eventfds, long irqfds, long breakpoints, long parked) {}
