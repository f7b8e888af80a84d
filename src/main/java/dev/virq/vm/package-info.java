/**
 * The virtual machine: a counted reference, a lock, and an interrupt controller behind it.
 *
 * <p>Stands for {@code struct kvm}. Uses irqchip, trace, sync and errno; knows nothing of irqfds,
 * which refer to it.
 */
@NullMarked
package dev.virq.vm;

import org.jspecify.annotations.NullMarked;
