/**
 * What attacks are made with: the program in a process of its own, connections that may misbehave,
 * and the figures that tell how the process is.
 */
package dev.virq.attacks.rig;
