/**
 * The irqfd: what turns a write to an eventfd into an interrupt in a VM, and how either side ends
 * it.
 *
 * <p>Stands for {@code virt/kvm/eventfd.c}. One {@link dev.virq.irqfd.Irqfd} is one binding; {@link
 * dev.virq.irqfd.Irqfds} is a VM's list of them. Uses protocol, eventfd, vm, srcu, workqueue,
 * irqchip, trace, sync and errno.
 */
@NullMarked
package dev.virq.irqfd;

import org.jspecify.annotations.NullMarked;
