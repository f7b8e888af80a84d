/** virq in a container, for Testcontainers. */
@NullMarked
package dev.virq.client.testcontainers;

import org.jspecify.annotations.NullMarked;
