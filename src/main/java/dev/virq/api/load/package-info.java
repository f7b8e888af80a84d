/**
 * What a request costs the instance while it is under way: a place among those that are served, and
 * bytes of the heap.
 *
 * <p>Stands for what the kernel charges a process for: its time on a processor, and its memory.
 * Uses share, limits, sync and errno, and Spring; it knows no controller.
 */
@NullMarked
package dev.virq.api.load;

import org.jspecify.annotations.NullMarked;
