/**
 * What every request and answer has in common: one table from errno to status, the request's
 * context, and pages.
 *
 * <p>Stands for what the kernel does for every system call before its own code begins: copying
 * arguments in, and errors out. Uses sandbox, host, breakpoint, trace, irqchip and errno, and
 * Spring; it knows no controller. Settings reach it as {@link dev.virq.api.http.Instance}.
 */
@NullMarked
package dev.virq.api.http;

import org.jspecify.annotations.NullMarked;
