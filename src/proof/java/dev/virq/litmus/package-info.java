/**
 * Litmus tests of the SRCU domain with any number of threads: the rows L1 to L35 and K1 to K6 as
 * small programs, run many times at full speed, and a watch for outcomes that must not be.
 */
@NullMarked
package dev.virq.litmus;

import org.jspecify.annotations.NullMarked;
