/**
 * What calls answer: the error numbers, as Linux names and numbers them, the ids of objects, and of
 * a name that is not known which one was meant.
 *
 * <p>Stands for {@code include/uapi/asm-generic/errno*.h}. Uses the JDK only and knows no other
 * package; how an errno becomes an HTTP status is decided in {@code dev.virq.api.http}.
 */
@NullMarked
package dev.virq.errno;

import org.jspecify.annotations.NullMarked;
