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
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Every setting, with its default; units and effects stand beside each in application.yaml.
 *
 * @param node name of this node, told in every response
 * @param workers injections that a sandbox may run at once when it asks for no number
 * @param defaultSandbox whether the sandbox named default exists
 * @param defaultTtl lease of a sandbox that asks for none
 * @param maxBody longest request body
 * @param drainTimeout longest time that a shutdown waits for what is in flight
 * @param breakpoints whether threads may be stopped
 * @param limits bounds on everything
 */
@Validated
@ConfigurationProperties("virq")
public record VirqProperties(
    @NotBlank @DefaultValue("localhost") String node,
    @Min(1) @Max(1024) @DefaultValue("4") int workers,
    @DefaultValue("true") boolean defaultSandbox,
    @NotNull @DefaultValue("PT10M") Duration defaultTtl,
    @NotNull @DefaultValue("1MB") DataSize maxBody,
    @NotNull @DefaultValue("PT15S") Duration drainTimeout,
    @Valid @DefaultValue BreakpointSettings breakpoints,
    @Valid @DefaultValue Bounds limits) {

  /** Whether the lengths of time make sense together. */
  @AssertTrue(message = "default-ttl has to be positive and at most limits.max-ttl")
  boolean isDefaultTtlWithinLimits() {
    return defaultTtl.isPositive() && defaultTtl.compareTo(limits.maxTtl()) <= 0;
  }

  /** Whether the default workers are allowed. */
  @AssertTrue(message = "workers has to be at most limits.max-workers")
  boolean isWorkersWithinLimits() {
    return workers <= limits.maxWorkers();
  }

  /** Whether a shutdown can end within a pod's grace period. */
  @AssertTrue(message = "drain-timeout has to be positive")
  boolean isDrainTimeoutPositive() {
    return drainTimeout.isPositive();
  }

  /**
   * Breakpoints.
   *
   * @param enabled false: setting one is refused with EPERM
   */
  public record BreakpointSettings(@DefaultValue("true") boolean enabled) {}

  /** The bounds of {@link Limits}, one for one. */
  public record Bounds(
      @Min(1) @DefaultValue("20000") int sandboxes,
      @Min(1) @DefaultValue("10000") int vms,
      @Min(1) @DefaultValue("200000") int eventfds,
      @Min(1) @DefaultValue("400000") int descriptors,
      @Min(1) @DefaultValue("200000") int irqfds,
      @Min(1) @DefaultValue("100") int breakpoints,
      @Min(1) @DefaultValue("1000") int heldThreads,
      @Min(1) @DefaultValue("1000") int waiters,
      @Min(1) @DefaultValue("1000000") long objectsTotal,
      @Min(16) @DefaultValue("1000") int signalsKept,
      @Min(1) @DefaultValue("1000") int tombstones,
      @Min(16) @DefaultValue("1024") int events,
      @Min(1) @DefaultValue("10000") int scriptLines,
      @Min(1) @DefaultValue("64") int maxWorkers,
      @NotNull @DefaultValue("PT1M") Duration maxWait,
      @NotNull @DefaultValue("PT5M") Duration maxHold,
      @NotNull @DefaultValue("PT24H") Duration maxTtl) {

    /** Whether the lengths of time are lengths of time. */
    @AssertTrue(message = "max-wait, max-hold and max-ttl have to be positive")
    boolean isDurationsPositive() {
      return maxWait.isPositive() && maxHold.isPositive() && maxTtl.isPositive();
    }

    Limits toLimits() {
      return new Limits(
          sandboxes,
          vms,
          eventfds,
          descriptors,
          irqfds,
          breakpoints,
          heldThreads,
          waiters,
          objectsTotal,
          signalsKept,
          tombstones,
          events,
          scriptLines,
          maxWorkers,
          maxWait,
          maxHold,
          maxTtl);
    }
  }
}
