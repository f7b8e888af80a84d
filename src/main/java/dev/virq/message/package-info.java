/**
 * Interrupt messages: what an MSI, an entry of the I/O APIC or an inter-processor interrupt sends.
 *
 * <p>Immutable values. Plain JDK; knows no other package.
 */
@NullMarked
package dev.virq.message;

import org.jspecify.annotations.NullMarked;
