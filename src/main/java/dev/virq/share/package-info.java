/**
 * Shares of the processors: a bounded number of threads run at once, and owners come in turn.
 *
 * <p>Stands for what the kernel's scheduler does among processes. Virtual threads have none: one
 * that does not block keeps its processor. Uses sync and errno only.
 */
@NullMarked
package dev.virq.share;

import org.jspecify.annotations.NullMarked;
