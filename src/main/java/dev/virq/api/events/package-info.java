/**
 * The part of the HTTP contract that shows what has happened: events as pages and as streams, and
 * traces made of them.
 *
 * <p>Reads the log of a sandbox; nothing here is known to what is observed.
 */
@NullMarked
package dev.virq.api.events;

import org.jspecify.annotations.NullMarked;
