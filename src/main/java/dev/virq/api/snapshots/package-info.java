/**
 * The part of the HTTP contract that takes snapshots, and how they are written as JSON.
 *
 * <p>The records of a snapshot know no JSON: here each becomes an object with a member for each of
 * its components, and back, strictly. Uses errno, host, snapshot, and what controllers have in
 * common.
 */
@NullMarked
package dev.virq.api.snapshots;

import org.jspecify.annotations.NullMarked;
