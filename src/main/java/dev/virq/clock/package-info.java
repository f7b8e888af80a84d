/**
 * The time that the timers of a sandbox go by.
 *
 * <p>Nothing is called when a time comes: whoever looks at a chip works out first what is due. So a
 * timer costs no thread, and one that nobody looks at costs nothing.
 */
@NullMarked
package dev.virq.clock;

import org.jspecify.annotations.NullMarked;
