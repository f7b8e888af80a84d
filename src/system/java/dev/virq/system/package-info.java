/**
 * Tests of the whole service from outside: load, shutdown, isolation, and the README's session.
 *
 * <p>They speak HTTP through the JDK's client, as a rig would, and know the contract only.
 */
package dev.virq.system;
