/**
 * The interval timer: an 8254 with three counters, the speaker port, and the ticks of counter 0.
 */
@NullMarked
package dev.virq.pit;

import org.jspecify.annotations.NullMarked;
