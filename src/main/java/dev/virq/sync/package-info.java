/**
 * Two small pieces that concurrent code needs everywhere: a counted reference and waits that an
 * interrupt does not end.
 *
 * <p>Stands for the kernel's {@code refcount_t} and its uninterruptible sleep. Plain JDK; knows no
 * other package.
 */
@NullMarked
package dev.virq.sync;

import org.jspecify.annotations.NullMarked;
