/**
 * The interrupt controllers of a VM: pins and what holds them high, the 8259 pair, the I/O APIC,
 * the real time clock's pin, and the wiring of them with local APICs and routes.
 *
 * <p>Stands for {@code arch/x86/kvm/i8259.c}, {@code ioapic.c} and {@code irq_comm.c}. Uses errno,
 * clock, trace, lapic and routing only.
 */
@NullMarked
package dev.virq.irqchip;

import org.jspecify.annotations.NullMarked;
