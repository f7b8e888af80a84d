/**
 * The HTTP contract: one controller a resource, one table from errno to status, strict input.
 *
 * <p>Stands for the system-call boundary as seen from user space. Uses sandbox, errno and trace,
 * and Spring; nothing beneath knows of it. Settings reach it as {@link dev.virq.api.Instance}.
 */
@NullMarked
package dev.virq.api;

import org.jspecify.annotations.NullMarked;
