/**
 * Bounds on everything: which there are, what objects cost, and the counting that holds them.
 *
 * <p>Uses errno only.
 */
@NullMarked
package dev.virq.limits;

import org.jspecify.annotations.NullMarked;
