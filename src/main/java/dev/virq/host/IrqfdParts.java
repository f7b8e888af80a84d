package dev.virq.host;

import dev.virq.inflight.RecentSignals;
import dev.virq.workqueue.WorkQueue;

/**
 * What VMs need to have irqfds.
 *
 * @param injection where injections run
 * @param cleanup where bindings end
 * @param table numbers irqfds
 * @param signals makes signals
 */
record IrqfdParts(
    WorkQueue injection, WorkQueue cleanup, IrqfdTable table, RecentSignals signals) {}
