/**
 * The part of the HTTP contract that shows and drives chips: the 8259 pair, the I/O APIC, local
 * APICs, routing, and what a guest does on its vCPUs.
 *
 * <p>Stands for KVM's calls on the state of irqchips and vCPUs. Uses host, irqchip, chip, lapic,
 * routing, vm and errno, {@code api.http} and {@code api.openapi}.
 */
@NullMarked
package dev.virq.api.chip;

import org.jspecify.annotations.NullMarked;
