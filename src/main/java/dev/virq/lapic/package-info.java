/**
 * Local APICs, the vCPUs they belong to, and the way of messages to them.
 *
 * <p>Stands for {@code arch/x86/kvm/lapic.c} and the delivery half of {@code irq_comm.c}. Nothing
 * here locks: the caller holds the chip lock of the VM ({@code dev.virq.irqchip.IrqChip}). Plain
 * JDK; knows message only.
 */
@NullMarked
package dev.virq.lapic;

import org.jspecify.annotations.NullMarked;
