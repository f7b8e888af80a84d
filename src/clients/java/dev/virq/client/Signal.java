package dev.virq.client;

import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One write to an eventfd. What becomes of it:
 *
 * <dl>
 *   <dt>INJECTED
 *   <dd>It reached the VM; the line status says what the interrupt controller made of it.
 *   <dt>COALESCED_PENDING
 *   <dd>Merged into an injection that was queued already.
 *   <dt>IGNORED_UNROUTED
 *   <dd>The line leads nowhere: consumed, nothing else.
 *   <dt>DROPPED_DEACTIVATED
 *   <dd>Its irqfd was severed, by hang-up or de-assign, before the injection read the VM.
 *   <dt>DROPPED_VM_GONE
 *   <dd>Its irqfd was severed by the VM's close before the injection read the VM.
 *   <dt>NOT_BOUND
 *   <dd>No irqfd was bound: it stays in the counter.
 *   <dt>FAILED
 *   <dd>A bug of virq; never expected.
 * </dl>
 *
 * <p>Of a signal that is held while its VM closes: at inject.enter or inject.locked it has not read
 * the VM yet and ends DROPPED_VM_GONE; from inject.dereferenced on it ends INJECTED.
 *
 * @param seq number of the event
 * @param counterAfter 64 bits, unsigned
 * @param settled whether it has its outcome
 * @param outcome one of the above; null until it is settled
 * @param finalSeq number of the event that settled it; null until then
 * @param lineStatus DELIVERED, a vCPU has accepted it or it is latched; COALESCED, merged with a
 *     request that is not acknowledged yet; or IGNORED, the pin is masked, the line still waits for
 *     the end of the last interrupt, or it leads nowhere
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
