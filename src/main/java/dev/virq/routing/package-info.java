/**
 * The routing table: which lines lead to which pins and messages.
 *
 * <p>Stands for {@code virt/kvm/irqchip.c}. A table is immutable, so reading it needs no lock and
 * never waits for a writer. Uses errno and message.
 */
@NullMarked
package dev.virq.routing;

import org.jspecify.annotations.NullMarked;
