/** Runs the Spin models of {@code src/models}: the algorithm and the life cycle, exhaustively. */
@NullMarked
package dev.virq.models;

import org.jspecify.annotations.NullMarked;
