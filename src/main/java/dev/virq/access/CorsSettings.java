package dev.virq.access;

import java.util.List;

/**
 * Pages of other origins.
 *
 * @param allowedOrigins those whose pages may call, such as {@code https://lab.example}
 */
public record CorsSettings(List<String> allowedOrigins) {}
