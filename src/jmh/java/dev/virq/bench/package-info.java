/** What benchmarks of several packages have in common: how they are run, and clients of HTTP. */
@NullMarked
package dev.virq.bench;

import org.jspecify.annotations.NullMarked;
