/**
 * The command line: what else the program does besides serving.
 *
 * <p>Stands for the shell that a person meets first. Starts no Spring context. Uses errno, limits,
 * trace, workqueue, host, sandbox, script, schedule and explore.
 */
@NullMarked
package dev.virq.cli;

import org.jspecify.annotations.NullMarked;
