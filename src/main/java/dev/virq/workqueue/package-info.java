/**
 * Deferred work: items that run on a bounded number of workers, or on callers in their places,
 * never twice at once, and never forget a request.
 *
 * <p>Stands for the kernel's work queues ({@code schedule_work}, {@code flush_work}), with their
 * concurrency management: a worker that goes to sleep gives its place to another. Uses sync only.
 */
@NullMarked
package dev.virq.workqueue;

import org.jspecify.annotations.NullMarked;
