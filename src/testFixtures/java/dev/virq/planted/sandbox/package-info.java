/** The other half of the cycle. */
@NullMarked
package dev.virq.planted.sandbox;

import org.jspecify.annotations.NullMarked;
