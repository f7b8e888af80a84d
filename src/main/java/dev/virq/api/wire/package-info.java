/**
 * What is on the wire besides a request and an answer: when what has come is read, a status line
 * that says why, and whether the connection goes on.
 *
 * <p>Stands for the glue between system calls and their caller, and has no part in what they do.
 * Uses Tomcat's connector; it knows no controller.
 */
@NullMarked
package dev.virq.api.wire;

import org.jspecify.annotations.NullMarked;
