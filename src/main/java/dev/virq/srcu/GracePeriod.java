package dev.virq.srcu;

/**
 * What one {@link SrcuDomain#synchronize()} waited for.
 *
 * @param sequence number of the grace period, 1 for the domain's first, that covered the call
 * @param readersAtStart read sections open when the call began; a hint when readers come and go
 * @param durationNanos time from call to return, in nanoseconds
 */
public record GracePeriod(long sequence, long readersAtStart, long durationNanos) {}
