/**
 * Calls that are sent again by who has not seen their answer, and are not made again: the header
 * Idempotency-Key.
 *
 * <p>Stands for nothing in the kernel, whose callers always see an answer. Uses sandbox, which
 * keeps the answers, and {@code api.http}; it knows no controller.
 */
@NullMarked
package dev.virq.api.retry;

import org.jspecify.annotations.NullMarked;
