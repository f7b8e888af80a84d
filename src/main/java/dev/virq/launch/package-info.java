/**
 * What the jar runs first, compiled for Java 8: it says which Java is needed.
 *
 * <p>Stands for nothing in the kernel. Uses the JDK only.
 */
@NullMarked
package dev.virq.launch;

import org.jspecify.annotations.NullMarked;
