/**
 * The litmus rows of two threads under jcstress, which runs each of them in JVMs of its own and
 * counts what was seen.
 */
@NullMarked
package dev.virq.litmus.stress;

import org.jspecify.annotations.NullMarked;
