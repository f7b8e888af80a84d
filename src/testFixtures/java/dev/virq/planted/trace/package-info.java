/** Imports a framework. */
@NullMarked
package dev.virq.planted.trace;

import org.jspecify.annotations.NullMarked;
