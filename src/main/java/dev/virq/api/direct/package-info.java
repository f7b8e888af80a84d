/**
 * The short way of the call that is made most often: a plain signal is answered without Spring MVC,
 * just as its controller would answer it.
 *
 * <p>Uses the controller for what is done and answered, and what requests have in common.
 */
@NullMarked
package dev.virq.api.direct;

import org.jspecify.annotations.NullMarked;
