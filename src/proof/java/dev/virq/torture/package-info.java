/**
 * A torture test of the SRCU domain in the manner of Linux's rcutorture: readers of every kind
 * against updaters of every kind, at full speed, for as long as asked.
 */
@NullMarked
package dev.virq.torture;

import org.jspecify.annotations.NullMarked;
