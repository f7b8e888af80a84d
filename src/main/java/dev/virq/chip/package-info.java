/**
 * The chips behind the pins of a full controller: the 8259 pair and the I/O APIC, with what holds a
 * pin high, the real time clock's pin, and the brake on interrupt storms.
 *
 * <p>Stands for {@code arch/x86/kvm/i8259.c} and {@code ioapic.c}. Nothing here locks: the caller
 * holds the chip lock of the VM ({@code dev.virq.irqchip.IrqChip}). Uses message, lapic and routing
 * only.
 */
@NullMarked
package dev.virq.chip;

import org.jspecify.annotations.NullMarked;
