/**
 * Sandboxes: leases on simulated hosts, created, found, expired and drained.
 *
 * <p>A {@link dev.virq.sandbox.Sandbox} is a lease on a {@link dev.virq.host.Host}; a reset boots a
 * new one. Uses host and what its calls answer, and no framework.
 */
@NullMarked
package dev.virq.sandbox;

import org.jspecify.annotations.NullMarked;
