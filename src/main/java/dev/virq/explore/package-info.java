/**
 * Explorations: a small concurrent program, played under many schedules on hosts of its own, with
 * its outcomes counted and each one's schedule kept.
 *
 * <p>Uses schedule for the turns, script for the operations, host for what they are made on, and
 * defect for what is taken away.
 */
@NullMarked
package dev.virq.explore;

import org.jspecify.annotations.NullMarked;
