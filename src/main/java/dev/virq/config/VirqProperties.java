package dev.virq.config;

import dev.virq.limits.Limits;
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
 * @param init file that fills sandboxes at the start; empty for none
 * @param breakpoints whether threads may be stopped
 * @param limits bounds on everything
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
    @NotNull String init,
    @NotNull @Valid BreakpointSettings breakpoints,
    @NotNull Limits limits) {

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
  @AssertTrue(message = "drain-timeout must be positive")
  boolean isDrainTimeoutPositive() {
    return drainTimeout.isPositive();
  }

  /**
   * Breakpoints.
   *
   * @param enabled false: setting one is refused with EPERM
   */
  public record BreakpointSettings(boolean enabled) {}
}
