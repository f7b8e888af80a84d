/**
 * The simulated host: descriptors, the calls on them, exact waiting.
 *
 * <p>Stands for the system-call layer: {@code fdget}, {@code close}, the KVM ioctls. Uses all
 * packages of the domain, and no framework.
 */
@NullMarked
package dev.virq.host;

import org.jspecify.annotations.NullMarked;
