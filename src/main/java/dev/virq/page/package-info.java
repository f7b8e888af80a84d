/**
 * The page on which a race is watched: where its files are served, and what a browser may do for
 * them.
 *
 * <p>The files are in {@code src/main/resources/page}; they know virq by its HTTP contract only, as
 * every other client does. Uses Spring.
 */
@NullMarked
package dev.virq.page;

import org.jspecify.annotations.NullMarked;
