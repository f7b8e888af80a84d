package dev.virq.irqfd;

import dev.virq.eventfd.Signal;
import dev.virq.trace.Probe;
import dev.virq.workqueue.WorkQueue;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;

/**
 * What the irqfds of one system share.
 *
 * @param injection where injections run
 * @param cleanup where bindings end; never the injection queue, which it waits for
 * @param probe sees every step
 * @param hooked gives a new irqfd its number; called under a lock, must not block
 * @param signals makes a signal that no write stands for, to the eventfd of that number: a counter
 *     that was not 0 at assign, or an end of interrupt
 * @param causes what a cause is called in the books: a reset ends bindings by closing both sides
 * @param waiting told when the end of an irqfd begins to wait for injections or readers
 * @param freed told of every irqfd that is gone, on the thread that freed it, no lock held
 */
public record IrqfdContext(
    WorkQueue injection,
    WorkQueue cleanup,
    Probe probe,
    ToLongFunction<Irqfd> hooked,
    LongFunction<Signal> signals,
    UnaryOperator<EndCause> causes,
    Runnable waiting,
    Consumer<Irqfd> freed) {}
