/** Imports down the table, and closes a cycle. */
@NullMarked
package dev.virq.planted.errno;

import org.jspecify.annotations.NullMarked;
