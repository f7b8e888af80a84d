/**
 * The end of the process: with which code, at the latest when, and by which errors at once.
 *
 * <p>Stands for what the kernel and an init system do about a process that does not end by itself.
 * Uses the JDK only.
 */
@NullMarked
package dev.virq.life;

import org.jspecify.annotations.NullMarked;
