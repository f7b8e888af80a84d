/**
 * The protocol of a binding: the small decisions on which its safety hangs, each an object with one
 * safe implementation, so that another can take its place to be searched for.
 *
 * <p>Knows no irqfd: the irqfd hands its steps over, and is told in which order to make them. Uses
 * vm, eventfd, workqueue and sync.
 */
@NullMarked
package dev.virq.protocol;

import org.jspecify.annotations.NullMarked;
