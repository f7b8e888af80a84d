/**
 * What takes long: filling an instance to its limits, ending it under load again and again, loading
 * it beyond what it can do, and loading it for an hour.
 */
package dev.virq.attacks.endurance;
