package dev.virq.client;

import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One write to an eventfd.
 *
 * @param seq number of the event
 * @param counterAfter 64 bits, unsigned
 * @param settled whether it has its outcome
 * @param outcome INJECTED, NOT_BOUND and the like; null until it is settled
 * @param finalSeq number of the event that settled it; null until then
 * @param lineStatus what the chips made of the injection
 * @param pending what it waits for
 * @param heldBy the threads held at breakpoints that keep it
 */
public record Signal(
    String id,
    long seq,
    String eventfd,
    BigInteger counterAfter,
    boolean settled,
    @Nullable String outcome,
    @Nullable Long finalSeq,
    @Nullable String lineStatus,
    @Nullable List<Pending> pending,
    @Nullable List<Held> heldBy) {}
