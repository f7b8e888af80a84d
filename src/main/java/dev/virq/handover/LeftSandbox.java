package dev.virq.handover;

import static java.util.Objects.requireNonNull;

import dev.virq.clock.SandboxClock;
import dev.virq.limits.Limits;
import dev.virq.limits.SandboxLimits;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.SandboxLabels;
import dev.virq.sandbox.SandboxName;
import dev.virq.sandbox.SandboxSpec;
import dev.virq.sandbox.Sandboxes;
import dev.virq.snapshot.Snapshot;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One sandbox, as the JSON of its file. Durations are ISO-8601.
 *
 * @param name its own
 * @param uid the life that it is in
 * @param ttl the lease that it was created with; null for one that never expires
 * @param lease the lease that it has now, which begins anew; null for one that never expires
 * @param workers injections that may run at once
 * @param labels the caller's own
 * @param limits those that are lower than the instance's
 * @param clock what makes the clock of its timers go
 * @param snapshot what is in it
 */
record LeftSandbox(
    String name,
    String uid,
    @Nullable String ttl,
    @Nullable String lease,
    int workers,
    Map<String, String> labels,
    Map<String, Long> limits,
    SandboxClock.Kind clock,
    Snapshot snapshot) {

  /** Reading gives null for a member that is not there. */
  LeftSandbox {
    requireNonNull(name, "name is missing");
    requireNonNull(uid, "uid is missing");
    requireNonNull(labels, "labels is missing");
    requireNonNull(limits, "limits is missing");
    requireNonNull(clock, "clock is missing");
    requireNonNull(snapshot, "snapshot is missing");
  }

  static LeftSandbox of(Sandbox.Life life, Snapshot snapshot) {
    SandboxSpec settings = life.sandbox().settings();
    return new LeftSandbox(
        settings.name(),
        life.uid(),
        text(settings.ttl()),
        text(life.sandbox().ttl()),
        settings.workers(),
        settings.labels(),
        settings.limits().lowered(),
        settings.clock(),
        snapshot);
  }

  private static @Nullable String text(@Nullable Duration duration) {
    return duration == null ? null : duration.toString();
  }

  /**
   * What it was created with.
   *
   * @throws IllegalArgumentException this instance would not have made it, or it has no such life
   */
  SandboxSpec settings(Sandboxes sandboxes) {
    require(SandboxName.isOne(name), "name \"" + name + "\" is not " + SandboxName.FORM);
    require(isUuid(uid), "uid \"" + uid + "\" is no UUID");
    if (name.equals(Sandboxes.DEFAULT)) {
      // Those of the instance hold.
      return new SandboxSpec(name, null, workers, labels);
    }
    limits.forEach((limit, value) -> {
      String fault =
          SandboxLimits.fault(limit, value, sandboxes.limits(), sandboxes.memoryLimits());
      require(fault == null, "limits, " + limit + ": " + fault);
    });
    SandboxLimits lower = new SandboxLimits(limits);
    int most = lower.of(sandboxes.limits()).maxWorkers();
    require(1 <= workers && workers <= most, "workers " + workers + " is outside 1.." + most);
    String fault = SandboxLabels.fault(labels);
    require(fault == null, String.valueOf(fault));
    return new SandboxSpec(
        name, duration("ttl", ttl, lower.of(sandboxes.limits())), workers, labels, lower, clock);
  }

  /**
   * The length of its lease now; null for that of its settings.
   *
   * @throws IllegalArgumentException it may not have it here
   */
  @Nullable Duration lease(SandboxSpec settings, Limits limits) {
    return name.equals(Sandboxes.DEFAULT)
        ? null
        : duration("lease", lease, settings.limits().of(limits));
  }

  private static @Nullable Duration duration(String what, @Nullable String text, Limits limits) {
    if (text == null) {
      return null;
    }
    Duration duration;
    try {
      duration = Duration.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(what + " \"" + text + "\" is no ISO-8601 duration", e);
    }
    require(
        duration.isPositive() && duration.compareTo(limits.maxTtl()) <= 0,
        what + " " + text + " is not positive and at most " + limits.maxTtl());
    return duration;
  }

  private static boolean isUuid(String text) {
    try {
      return UUID.fromString(text).toString().equals(text);
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
