package dev.virq.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A thread held at a breakpoint.
 *
 * @param breakpoint id of the breakpoint
 * @param point the place
 * @param thread its name
 * @param signal the signal that it works on
 * @param holds what it holds there, such as a read section
 */
public record Held(
    String breakpoint, String point, String thread, @Nullable String signal, List<String> holds) {}
