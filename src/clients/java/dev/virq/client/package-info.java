/**
 * virq for tests in Java: a sandbox per test, exact waits, errors that carry the errno of Linux.
 *
 * <p>With JUnit, {@link dev.virq.client.junit.VirqExtension} hands each test a {@link
 * dev.virq.client.Sandbox}; {@link dev.virq.client.testcontainers.VirqContainer} runs the server in
 * a container.
 */
@NullMarked
package dev.virq.client;

import org.jspecify.annotations.NullMarked;
