/** A recorder of the order in which locks are taken, on in every test. */
package dev.virq.lockorder;
