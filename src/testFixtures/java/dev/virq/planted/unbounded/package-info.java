/** Starts threads and opens queues without a bound. */
@NullMarked
package dev.virq.planted.unbounded;

import org.jspecify.annotations.NullMarked;
