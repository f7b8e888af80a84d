/** Four files that know each other in a circle, and one that only looks on. */
@NullMarked
package dev.virq.planted.knot;

import org.jspecify.annotations.NullMarked;
