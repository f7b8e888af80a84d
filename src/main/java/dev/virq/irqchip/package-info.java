/**
 * The interrupt controller as far as it is simulated: its lines, who holds them high, and how often
 * they rose and fell.
 *
 * <p>Stands for {@code arch/x86/kvm/irq_comm.c} and, later, the chips behind it. Uses errno and
 * trace only.
 */
@NullMarked
package dev.virq.irqchip;

import org.jspecify.annotations.NullMarked;
