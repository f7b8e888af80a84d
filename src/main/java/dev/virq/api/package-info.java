/**
 * The HTTP contract: one controller a resource, with the records of its requests and answers.
 *
 * <p>Stands for the system-call boundary as seen from user space. Uses sandbox, host, script, errno
 * and trace, and Spring. What is not of one resource is beside it: {@code http} reads requests and
 * answers errors, {@code openapi} describes operations, {@code chip} has the controllers of the
 * interrupt chips and the guest. This package may use the first two, and no other may use it.
 */
@NullMarked
package dev.virq.api;

import org.jspecify.annotations.NullMarked;
