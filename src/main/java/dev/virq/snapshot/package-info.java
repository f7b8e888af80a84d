/**
 * Snapshots: a settled host as one document, and a host made of one.
 *
 * <p>Each component gives its own state and takes it; here they are put together, and a document
 * that no host can have been is refused before anything is made of it. Uses errno, clock, inflight,
 * lapic, routing, chip, irqchip, vm, irqfd, stats and host; a document is maps, lists and values,
 * whatever text it is written as.
 */
@NullMarked
package dev.virq.snapshot;

import org.jspecify.annotations.NullMarked;
