package dev.virq.api.openapi;

import dev.virq.api.http.ErrnoAdvice;
import dev.virq.errno.Errno;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The errors that an operation answers besides those that every operation does; they become its
 * documented responses, with the statuses of {@link ErrnoAdvice}.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface AnswersErrno {
  /** The errors. */
  Errno[] value() default {};

  /** Whether the body names descriptors: one that is not open is EBADF with status 422. */
  boolean namesDescriptors() default false;

  /** Whether what it is asked for may not be kept any more: ESTALE with status 410. */
  boolean mayBeGone() default false;

  /** Whether it honours If-None-Match: what is there already is then EEXIST with status 412. */
  boolean mayCreateOnly() default false;
}
