/**
 * Sleepable read-copy update: read sections that may block, and a writer that waits until every
 * section begun before has ended.
 *
 * <p>Stands for {@code struct srcu_struct} of the Linux kernel: one domain per irqfd, as in the
 * 2009 patch. Uses sync only. {@link dev.virq.srcu.SrcuDomain} has the algorithm, {@code
 * src/docs/synchronization.md} the proof that it is safe.
 */
@NullMarked
package dev.virq.srcu;

import org.jspecify.annotations.NullMarked;
