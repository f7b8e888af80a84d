/**
 * The interrupt controllers of a VM: the wiring of chips, local APICs, the PIT and routes, and what
 * the host and the guest do to them.
 *
 * <p>Stands for {@code arch/x86/kvm/irq_comm.c}. Uses errno, clock, message, lapic, chip, pit and
 * routing only.
 */
@NullMarked
package dev.virq.irqchip;

import org.jspecify.annotations.NullMarked;
