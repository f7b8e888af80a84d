/**
 * The controlled scheduler: the threads of a host take turns, and a strategy decides at every
 * choice point which goes on.
 *
 * <p>Uses the seam of observation as it is: a probe that keeps a thread at its tracepoint, a
 * factory for workers, and the notice that a thread is about to wait. Uses sync, errno, trace and
 * workqueue.
 */
@NullMarked
package dev.virq.schedule;

import org.jspecify.annotations.NullMarked;
