/**
 * The one seam of observation: named tracepoints in the signal and close paths, and the probes
 * attached to them.
 *
 * <p>Domain code fires a {@link dev.virq.trace.Tracepoint} through a {@link dev.virq.trace.Probe};
 * the meters, the event log and the breakpoints are probes. Stands for the kernel's tracepoints.
 * Plain JDK; knows no other package.
 */
@NullMarked
package dev.virq.trace;

import org.jspecify.annotations.NullMarked;
