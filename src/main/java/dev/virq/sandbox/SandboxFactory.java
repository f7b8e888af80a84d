package dev.virq.sandbox;

import dev.virq.clock.SandboxClock;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.host.Host;
import dev.virq.host.HostOptions;
import dev.virq.limits.Budget;
import dev.virq.limits.Cost;
import dev.virq.limits.Limits;
import dev.virq.limits.MemoryLimits;
import dev.virq.limits.Quota;
import dev.virq.limits.Totals;
import dev.virq.limits.WaitersTotal;
import dev.virq.trace.Probe;
import dev.virq.workqueue.Workers;
import java.util.function.LongSupplier;

/** Makes the sandboxes of one instance, and has what they share: its bounds and its memory. */
public final class SandboxFactory {
  private final Limits limits;
  private final MemoryLimits memoryLimits;
  private final Quota memory;
  private final Workers threads;
  private final Probe probe;
  private final LongSupplier nanoClock;
  private final LongSupplier clockMillis;
  private final Totals totals;
  private final WaitersTotal waitersTotal;
  private final Leases leases;
  private final EventStreams.Total streams = new EventStreams.Total();

  /**
   * Nothing is taken yet.
   *
   * @param limits bounds on everything
   * @param memoryLimits bounds in bytes
   * @param threads starts workers
   * @param probe sees every step of every sandbox
   * @param nanoClock as {@link System#nanoTime}
   * @param clockMillis time of day in milliseconds since 1970 UTC
   */
  public SandboxFactory(
      Limits limits,
      MemoryLimits memoryLimits,
      Workers threads,
      Probe probe,
      LongSupplier nanoClock,
      LongSupplier clockMillis) {
    this.limits = limits;
    this.memoryLimits = memoryLimits;
    this.memory = Budget.instance(memoryLimits);
    this.threads = threads;
    this.probe = probe;
    this.nanoClock = nanoClock;
    this.clockMillis = clockMillis;
    this.totals =
        new Totals(
            new Quota("objects across all sandboxes", limits.objectsTotal(), Errno.ENFILE, null));
    this.waitersTotal = new WaitersTotal(limits.waitersTotal());
    this.leases = new Leases(nanoClock);
  }

  /** What all sandboxes have together. */
  Totals totals() {
    return totals;
  }

  /** When to look at which of the sandboxes. */
  Leases leases() {
    return leases;
  }

  /** What the event streams of all sandboxes have in common. */
  EventStreams.Total streams() {
    return streams;
  }

  Limits limits() {
    return limits;
  }

  MemoryLimits memoryLimits() {
    return memoryLimits;
  }

  /** Bytes that are taken: what all sandboxes hold, and what they are guaranteed. */
  long memoryUsed() {
    return memory.used();
  }

  /**
   * A sandbox, its own bytes taken.
   *
   * @throws ErrnoException ENFILE when there is no memory for it
   */
  Sandbox boot(SandboxSpec settings) {
    Budget bytes = new Budget(settings.limits().of(memoryLimits), memory);
    boolean booted = false;
    try {
      bytes.acquire(settings.bytes(), Cost.SANDBOX);
      Sandbox sandbox = boot(settings, bytes);
      booted = true;
      return sandbox;
    } finally {
      if (!booted) {
        bytes.close();
      }
    }
  }

  private Sandbox boot(SandboxSpec settings, Budget bytes) {
    Limits own = settings.limits().of(limits);
    return new Sandbox(
        settings,
        own,
        streams,
        bytes,
        log ->
            new Host(
                new HostOptions(
                    settings.name(),
                    settings.workers(),
                    settings.workers(),
                    threads,
                    own,
                    totals,
                    bytes,
                    waitersTotal,
                    probe,
                    log,
                    clockMillis,
                    new SandboxClock(settings.clock(), nanoClock))),
        nanoClock,
        leases::shortened,
        clockMillis);
  }
}
