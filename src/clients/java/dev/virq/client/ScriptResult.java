package dev.virq.client;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The result of one line of a script.
 *
 * @param op the line
 * @param ok whether it was done
 * @param errno why not
 * @param value what it returned; integers have up to 64 bits: {@code value.bigIntegerValue()}
 */
public record ScriptResult(
    String op, boolean ok, @Nullable String errno, @Nullable JsonNode value) {}
