package dev.virq.irqfd;

import dev.virq.protocol.Protocol;
import dev.virq.trace.Probe;
import dev.virq.workqueue.WorkQueue;

/**
 * What the irqfds of one VM share.
 *
 * @param injection where injections run
 * @param cleanup where bindings end; never the injection queue, which it waits for
 * @param probe sees every step
 * @param events follows the lives of the irqfds
 * @param protocol in which order they are made, signalled and ended
 */
public record IrqfdContext(
    WorkQueue injection, WorkQueue cleanup, Probe probe, IrqfdEvents events, Protocol protocol) {}
