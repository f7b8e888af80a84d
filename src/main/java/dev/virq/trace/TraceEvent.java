package dev.virq.trace;

import org.jspecify.annotations.Nullable;

/**
 * One entry of the event log, as a reader sees it.
 *
 * @param seq its number in the sandbox, from 1 without gaps
 * @param atMillis when, in milliseconds since 1970 UTC
 * @param point which tracepoint
 * @param vm number of the VM, 0 for none
 * @param irqfd number of the irqfd, 0 for none
 * @param eventfd number of the eventfd, 0 for none
 * @param gsi the line, -1 for none
 * @param value as {@link Probe#hit} got it
 * @param detail name of the outcome or cause, or null
 */
public record TraceEvent(
    long seq,
    long atMillis,
    Tracepoint point,
    long vm,
    long irqfd,
    long eventfd,
    long gsi,
    long value,
    @Nullable String detail) {}
