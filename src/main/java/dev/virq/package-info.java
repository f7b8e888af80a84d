/**
 * The map. A signal travels down this line, and imports point up it only:
 *
 * <pre>
 * sync  errno  trace  srcu  workqueue  lapic → eventfd  routing → irqchip → vm → irqfd → sandbox
 *     → script, metrics → api → config
 * </pre>
 *
 * <ul>
 *   <li>{@link dev.virq.sync}: counted references, and waits that an interrupt does not end.
 *   <li>{@link dev.virq.errno}: the errors that calls answer, named and numbered as Linux does.
 *   <li>{@link dev.virq.trace}: named tracepoints, the one seam of meters, event log, breakpoints.
 *   <li>{@link dev.virq.srcu}: read sections that may sleep, and the grace periods that wait for
 *       them.
 *   <li>{@link dev.virq.workqueue}: work that is queued once and never loses a request.
 *   <li>{@link dev.virq.eventfd}: the counter that is written to, and its wait queue.
 *   <li>{@link dev.virq.lapic}: local APICs, vCPUs, and the messages between them.
 *   <li>{@link dev.virq.routing}: which lines lead to which pins and messages.
 *   <li>{@link dev.virq.irqchip}: the 8259 pair, the I/O APIC, and the wiring of all chips.
 *   <li>{@link dev.virq.vm}: the machine, destroyed by whoever drops the last reference.
 *   <li>{@link dev.virq.irqfd}: one eventfd bound to one line, and the race this project is about.
 *   <li>{@link dev.virq.sandbox}: the system calls, descriptors, leases and exact waiting.
 *   <li>{@link dev.virq.script}: the language of the recordings, run against a sandbox.
 *   <li>{@link dev.virq.metrics}: what Prometheus sees of the tracepoints.
 *   <li>{@link dev.virq.api}: HTTP; the one table from errno to status.
 *   <li>{@link dev.virq.config}: settings, what they make, and the end of it.
 * </ul>
 *
 * This package holds {@code main} and nothing else.
 */
@NullMarked
package dev.virq;

import org.jspecify.annotations.NullMarked;
