package dev.virq.trace;

import org.jspecify.annotations.Nullable;

/**
 * One entry of the event log, as a reader sees it.
 *
 * @param seq its number in the sandbox, from 1 without gaps
 * @param nanos when, in nanoseconds since the log began; never less than that of the event before
 * @param point which tracepoint
 * @param vm number of the VM, 0 for none
 * @param irqfd number of the irqfd, 0 for none
 * @param eventfd number of the eventfd, 0 for none
 * @param gsi the line, -1 for none
 * @param value as {@link Probe#hit} got it
 * @param signal number of the signal, 0 for none
 * @param detail name of the outcome or cause, or null
 * @param worker which worker of a queue the thread was, or in whose place it worked, such as
 *     injector-1; null for any other
 * @param thread number of the thread
 */
public record TraceEvent(
    long seq,
    long nanos,
    Tracepoint point,
    long vm,
    long irqfd,
    long eventfd,
    long gsi,
    long value,
    long signal,
    @Nullable String detail,
    @Nullable String worker,
    long thread) {}
