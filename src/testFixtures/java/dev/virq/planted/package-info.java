/**
 * A house with every fault that {@code ArchitectureTest} forbids, one in each package, so that each
 * rule is seen to fail.
 */
@NullMarked
package dev.virq.planted;

import org.jspecify.annotations.NullMarked;
