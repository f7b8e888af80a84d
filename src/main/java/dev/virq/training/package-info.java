/** A server that works for itself, so that a JVM learns how it will work for others. */
@NullMarked
package dev.virq.training;

import org.jspecify.annotations.NullMarked;
