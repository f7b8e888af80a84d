/**
 * What a request has to be before an operation sees it: well-formed text everywhere, strict JSON, a
 * body of bounded length, nothing unknown; and the answers to requests that never get so far.
 *
 * <p>Stands for the kernel's copying in of arguments: {@code EFAULT} and {@code EINVAL} come from
 * here. All text of a request passes through {@link dev.virq.api.input.InputFilter}. Uses {@code
 * api.http} and errno, Spring, and Tomcat's valves; it knows no controller.
 */
@NullMarked
package dev.virq.api.input;

import org.jspecify.annotations.NullMarked;
