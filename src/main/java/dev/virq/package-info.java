/**
 * The packages, each importing only packages above it. Who imports whom, and the way of a signal
 * through them, is drawn in architecture.md.
 *
 * <p>This package holds {@code main} and nothing else.
 */
@NullMarked
package dev.virq;

import org.jspecify.annotations.NullMarked;
