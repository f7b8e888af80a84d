/**
 * Attacks on the packaged program: a catalogue of them, a victim that works on meanwhile, and the
 * judgement over both. {@code attacks.md} says how to run them.
 */
package dev.virq.attacks;
