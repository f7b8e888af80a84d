/**
 * Breakpoints: a probe that stops threads at named tracepoints until they are released.
 *
 * <p>Uses trace and sync. Stands for what a debugger would do to a kernel, without stopping the
 * rest.
 */
@NullMarked
package dev.virq.breakpoint;

import org.jspecify.annotations.NullMarked;
