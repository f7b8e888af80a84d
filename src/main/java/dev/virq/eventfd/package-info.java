/**
 * The eventfd: a 64-bit counter that threads add to and read, and whose wait queue wakes the one
 * irqfd bound to it.
 *
 * <p>Stands for {@code fs/eventfd.c} as seen through eventfd(2). Uses errno, trace and sync; knows
 * nothing of VMs or of what a wake-up does.
 */
@NullMarked
package dev.virq.eventfd;

import org.jspecify.annotations.NullMarked;
