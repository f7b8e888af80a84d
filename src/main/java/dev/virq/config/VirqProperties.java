package dev.virq.config;

import dev.virq.access.AccessSettings;
import dev.virq.access.CorsSettings;
import dev.virq.limits.Limits;
import dev.virq.limits.MemoryLimits;
import jakarta.validation.Valid;
import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Every setting. Its default, unit and effect stand in application.yaml, and nowhere else.
 *
 * @param node name of this node, told in every response
 * @param workers injections that a sandbox may run at once when it asks for no number
 * @param defaultSandbox whether the sandbox named default exists
 * @param defaultTtl lease of a sandbox that asks for none
 * @param maxBody longest request body
 * @param drainTimeout longest time that a shutdown waits for what is in flight
 * @param shutdownTimeout longest time that a shutdown may take before the process is halted
 * @param shares who runs, and how long
 * @param requests what requests may keep
 * @param init file that fills sandboxes at the start; empty for none
 * @param handover directory of sandboxes that the next start goes on with; empty for none
 * @param breakpoints whether threads may be stopped
 * @param access who may call
 * @param cors pages of other origins
 * @param limits bounds on everything
 * @param memory bounds in bytes, as shares of the heap
 */
@Validated
@ConfigurationProperties("virq")
public record VirqProperties(
    @NotBlank String node,
    @Min(1) @Max(1024) int workers,
    boolean defaultSandbox,
    @NotNull Duration defaultTtl,
    @NotNull DataSize maxBody,
    @NotNull Duration drainTimeout,
    @NotNull Duration shutdownTimeout,
    @NotNull @Valid ShareSettings shares,
    @NotNull @Valid RequestSettings requests,
    @NotNull String init,
    @NotNull String handover,
    @NotNull @Valid BreakpointSettings breakpoints,
    @NotNull AccessSettings access,
    @NotNull CorsSettings cors,
    @NotNull Limits limits,
    @NotNull @Valid MemorySettings memory) {

  /** Whether the lengths of time make sense together. */
  @AssertTrue(message = "default-ttl must be positive and at most limits.max-ttl")
  boolean isDefaultTtlWithinLimits() {
    return defaultTtl.isPositive() && defaultTtl.compareTo(limits.maxTtl()) <= 0;
  }

  /** Whether the default workers are allowed. */
  @AssertTrue(message = "workers must be at most limits.max-workers")
  boolean isWorkersWithinLimits() {
    return workers <= limits.maxWorkers();
  }

  /** Whether a shutdown can end within a pod's grace period. */
  @AssertTrue(message = "drain-timeout must be positive and less than shutdown-timeout")
  boolean isDrainTimeoutWithinShutdown() {
    return drainTimeout.isPositive() && drainTimeout.compareTo(shutdownTimeout) < 0;
  }

  /**
   * Who runs.
   *
   * @param calls served at once; 0: 2 a processor
   * @param callsQueued calls of a sandbox that wait for their turn, besides unread ones; one more
   *     is refused
   * @param scripts that run at once; 0: as many as processors, less one
   * @param scriptsQueued scripts of a sandbox that wait for their turn
   * @param slice how long a script runs at a time
   */
  public record ShareSettings(
      @Min(0) int calls,
      @Min(1) int callsQueued,
      @Min(0) int scripts,
      @Min(1) int scriptsQueued,
      @NotNull Duration slice) {}

  /**
   * What requests may keep.
   *
   * @param memory heap for all that are under way; 0: an eighth of the heap
   * @param deadline for a head, and for a body
   * @param connections at once; 0: as many as a quarter of the heap holds
   * @param answerDeadline for fetching a long answer
   */
  public record RequestSettings(
      @NotNull DataSize memory,
      @NotNull Duration deadline,
      @Min(0) int connections,
      @NotNull Duration answerDeadline) {
    /** Whether a request can be made at all. */
    @AssertTrue(message = "deadline and answer-deadline must be positive")
    boolean isDeadlinePositive() {
      return deadline.isPositive() && answerDeadline.isPositive();
    }
  }

  /**
   * Memory.
   *
   * @param instanceShare percent of the heap that the objects of all sandboxes may take
   * @param sandboxShare percent of that for one sandbox
   * @param guaranteed bytes of each sandbox, whatever others take
   */
  public record MemorySettings(
      @Min(1) @Max(90) int instanceShare,
      @Min(1) @Max(100) int sandboxShare,
      @NotNull DataSize guaranteed) {

    /** The bounds in a heap of that size. */
    MemoryLimits limits(long heapBytes) {
      return MemoryLimits.shares(heapBytes, instanceShare, sandboxShare, guaranteed.toBytes());
    }
  }

  /**
   * Breakpoints.
   *
   * @param enabled false: setting one is refused with EPERM
   */
  public record BreakpointSettings(boolean enabled) {}
}
