/**
 * The headers that tell one life of a sandbox, or of an instance, from the next, and a call which
 * life it is meant for.
 *
 * <p>Uses sandbox for the lives, errno for refusals. Stands for the generation in a file handle.
 */
@NullMarked
package dev.virq.api.life;

import org.jspecify.annotations.NullMarked;
