/**
 * The state that an instance starts with: a script, or a document of sandboxes.
 *
 * <p>Stands for the init scripts of a system. Uses errno, limits, host, sandbox and script, and
 * reads documents with SnakeYAML, which knows the line of everything.
 */
@NullMarked
package dev.virq.init;

import org.jspecify.annotations.NullMarked;
