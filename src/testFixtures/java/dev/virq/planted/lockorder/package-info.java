/** Locks taken in wrong orders, for the recorder to find. */
@NullMarked
package dev.virq.planted.lockorder;

import org.jspecify.annotations.NullMarked;
