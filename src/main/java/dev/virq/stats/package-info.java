/**
 * What is counted: signals by line and by outcome, answers of the controller, grace periods.
 *
 * <p>Uses trace for the words, irqchip and vm for which lines are routed. Stands for what a kernel
 * would show under debugfs.
 */
@NullMarked
package dev.virq.stats;

import org.jspecify.annotations.NullMarked;
