/**
 * Settings, and the objects that they make: the sandboxes, their workers and probes, the end.
 *
 * <p>Stands for what boots and shuts down the simulated systems. May use everything.
 */
@NullMarked
package dev.virq.config;

import org.jspecify.annotations.NullMarked;
