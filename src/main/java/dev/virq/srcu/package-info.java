/**
 * Sleepable read-copy update: read sections that may block, and a writer that waits until every
 * section begun before has ended.
 *
 * <p>Stands for {@code struct srcu_struct} of the Linux kernel: one domain per irqfd, as in the
 * 2009 patch. Plain JDK; knows no other package. The safety proof stands in {@link
 * dev.virq.srcu.SrcuDomain}.
 */
@NullMarked
package dev.virq.srcu;

import org.jspecify.annotations.NullMarked;
