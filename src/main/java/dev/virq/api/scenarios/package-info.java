/**
 * The part of the HTTP contract that shows scenarios: what can be seen here, as data, run in a
 * sandbox by the same calls that a client would make.
 *
 * <p>Nothing but the calls of the other controllers is used, so a reader can repeat each step.
 */
@NullMarked
package dev.virq.api.scenarios;

import org.jspecify.annotations.NullMarked;
