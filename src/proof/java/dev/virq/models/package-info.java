/**
 * Runs the Spin models of {@code src/proof/models}: the algorithm and the life cycle, exhaustively.
 */
@NullMarked
package dev.virq.models;

import org.jspecify.annotations.NullMarked;
