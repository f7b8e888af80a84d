/**
 * What is under way, and what waits for it: signals and closes from their acceptance to their end.
 *
 * <p>Waiting is exact: by what is in flight, never by letting time pass. Uses breakpoint to say
 * which held thread keeps what, irqfd for the stages of a close, and stats for the lines.
 */
@NullMarked
package dev.virq.inflight;

import org.jspecify.annotations.NullMarked;
