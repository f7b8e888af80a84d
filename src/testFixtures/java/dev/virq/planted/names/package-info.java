/** Has names that say nothing. */
@NullMarked
package dev.virq.planted.names;

import org.jspecify.annotations.NullMarked;
