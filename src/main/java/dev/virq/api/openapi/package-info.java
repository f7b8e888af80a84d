/**
 * How the OpenAPI document is made: what the code alone does not say, and its order.
 *
 * <p>Stands for the manual pages of the calls. Controllers say what it needs by annotations that
 * are declared here; it uses {@code api.http} and errno, and knows no controller.
 */
@NullMarked
package dev.virq.api.openapi;

import org.jspecify.annotations.NullMarked;
