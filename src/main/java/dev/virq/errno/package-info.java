/**
 * The error numbers that the simulated system calls answer, as Linux names and numbers them.
 *
 * <p>Stands for {@code include/uapi/asm-generic/errno*.h}. Uses the JDK only and knows no other
 * package; how an errno becomes an HTTP status is decided in {@code dev.virq.api}.
 */
@NullMarked
package dev.virq.errno;

import org.jspecify.annotations.NullMarked;
