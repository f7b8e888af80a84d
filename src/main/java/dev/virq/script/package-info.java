/**
 * The script language of the conformance recordings: one operation a line, run against a simulated
 * system.
 *
 * <p>Stands for a process that makes the system calls: a {@link dev.virq.script.Script} is its
 * program, a {@link dev.virq.script.ScriptRunner} the process with its descriptors, and a {@link
 * dev.virq.script.Result} what one call answered. {@link dev.virq.script.Verbs} has the vocabulary.
 * Uses host, irqchip, chip, lapic, routing, eventfd, irqfd and errno, and no framework.
 */
@NullMarked
package dev.virq.script;

import org.jspecify.annotations.NullMarked;
