package dev.virq.sandbox;

import dev.virq.clock.SandboxClock;
import dev.virq.limits.Cost;
import dev.virq.limits.SandboxLimits;
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
 * @param limits those that are lower than the instance's
 * @param clock what makes the clock of its timers go
 */
public record SandboxSpec(
    String name,
    @Nullable Duration ttl,
    int workers,
    Map<String, String> labels,
    SandboxLimits limits,
    SandboxClock.Kind clock) {
  /** Copies the labels. */
  public SandboxSpec {
    labels = Map.copyOf(labels);
  }

  /** With a clock that goes by itself. */
  public SandboxSpec(
      String name,
      @Nullable Duration ttl,
      int workers,
      Map<String, String> labels,
      SandboxLimits limits) {
    this(name, ttl, workers, labels, limits, SandboxClock.Kind.REAL);
  }

  /** With the limits of the instance. */
  public SandboxSpec(String name, @Nullable Duration ttl, int workers, Map<String, String> labels) {
    this(name, ttl, workers, labels, SandboxLimits.NONE);
  }

  /** What it takes of memory before there is anything in it. */
  long bytes() {
    long bytes =
        Cost.SANDBOX.bytes() + Cost.WORKER.of(2L * workers) + Cost.ofName(name) + limits.bytes();
    for (Map.Entry<String, String> label : labels.entrySet()) {
      bytes +=
          Cost.LABEL.bytes()
              + Cost.CHARACTER.of((long) label.getKey().length() + label.getValue().length());
    }
    return bytes;
  }
}
