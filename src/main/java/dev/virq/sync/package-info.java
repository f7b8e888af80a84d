/**
 * Small pieces that concurrent code needs everywhere: a counted reference, tables that grow and
 * shrink, waits that an interrupt does not end, and the notice to a scheduler that a thread is
 * about to wait.
 *
 * <p>Stands for the kernel's {@code refcount_t} and its uninterruptible sleep. Plain JDK; knows no
 * other package.
 */
@NullMarked
package dev.virq.sync;

import org.jspecify.annotations.NullMarked;
