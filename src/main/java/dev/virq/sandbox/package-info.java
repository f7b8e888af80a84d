/**
 * The simulated system: descriptors, the calls on them, exact waiting, and the sandboxes that own
 * all of it.
 *
 * <p>A {@link dev.virq.sandbox.Sandbox} is a lease on a {@link dev.virq.sandbox.Kernel}; reset
 * boots a new one. Stands for the system-call layer: {@code fdget}, {@code close}, the KVM ioctls.
 * Uses all domain packages, and no framework.
 */
@NullMarked
package dev.virq.sandbox;

import org.jspecify.annotations.NullMarked;
