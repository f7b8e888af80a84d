/**
 * Many calls in one request: signals in bulk, and the words of the script language with the calls
 * that do the same.
 *
 * <p>Stands for a program that makes many system calls in a row. Uses errno, limits, share, trace,
 * workqueue, inflight, host, sandbox and script; and of the HTTP layer {@code api}, {@code
 * api.http}, {@code api.load} and {@code api.openapi}.
 */
@NullMarked
package dev.virq.api.bulk;

import org.jspecify.annotations.NullMarked;
