/**
 * The meters: what they are called, what moves them, and where the numbers come from.
 *
 * <p>{@link dev.virq.metrics.Meters} declares them, {@link dev.virq.metrics.MeterProbe} moves them
 * at tracepoints, {@link dev.virq.metrics.SandboxGauges} counts objects at each scrape. Uses
 * Micrometer, trace, host and sandbox.
 */
@NullMarked
package dev.virq.metrics;

import org.jspecify.annotations.NullMarked;
