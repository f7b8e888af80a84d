/** A sandbox for each test of JUnit. */
@NullMarked
package dev.virq.client.junit;

import org.jspecify.annotations.NullMarked;
