package dev.virq.irqfd;

import dev.virq.trace.Probe;
import dev.virq.workqueue.WorkQueue;

/**
 * What the irqfds of one VM share.
 *
 * @param injection where injections run
 * @param cleanup where bindings end; never the injection queue, which it waits for
 * @param probe sees every step
 * @param events follows the lives of the irqfds
 * @param protocol the order of the steps by which they end
 */
public record IrqfdContext(
    WorkQueue injection,
    WorkQueue cleanup,
    Probe probe,
    IrqfdEvents events,
    EndProtocol protocol) {}
