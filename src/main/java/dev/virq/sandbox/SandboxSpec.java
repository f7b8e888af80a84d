package dev.virq.sandbox;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a sandbox was created with.
 *
 * @param name RFC 1123 label of at most 63 characters
 * @param ttl its lease: how long it lives after the last call; null for one that never expires
 * @param workers injections that may run at once
 * @param labels the caller's own keys and values
 */
public record SandboxSpec(
    String name, @Nullable Duration ttl, int workers, Map<String, String> labels) {
  /** Copies the labels. */
  public SandboxSpec {
    labels = Map.copyOf(labels);
  }
}
