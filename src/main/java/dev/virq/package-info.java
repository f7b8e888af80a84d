/** The application: {@code main}, and the packages beneath. */
@NullMarked
package dev.virq;

import org.jspecify.annotations.NullMarked;
