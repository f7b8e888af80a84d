/**
 * Programs of a few threads on a domain, whose interleavings Lincheck searches: sequentially
 * consistent ones, so errors of the algorithm and never a missing barrier. Each program is a named
 * class, because in lambdas Lincheck has been seen to miss what it finds in named classes.
 */
@NullMarked
package dev.virq.lincheck;

import org.jspecify.annotations.NullMarked;
