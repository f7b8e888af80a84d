/**
 * How bodies are read: strictly, and with a refusal that says what was found, what is wanted, and
 * where. And in which types answers of one object a line come.
 */
@NullMarked
package dev.virq.api.json;

import org.jspecify.annotations.NullMarked;
