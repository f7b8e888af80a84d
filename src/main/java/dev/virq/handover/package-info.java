/** What one process of an instance leaves to the next: its sandboxes, as files. */
@NullMarked
package dev.virq.handover;

import org.jspecify.annotations.NullMarked;
