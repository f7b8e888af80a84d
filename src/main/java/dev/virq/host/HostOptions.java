package dev.virq.host;

import dev.virq.clock.SandboxClock;
import dev.virq.errno.Errno;
import dev.virq.limits.Budget;
import dev.virq.limits.Limits;
import dev.virq.limits.Quota;
import dev.virq.limits.Totals;
import dev.virq.limits.WaitersTotal;
import dev.virq.protocol.Protocol;
import dev.virq.trace.Probe;
import dev.virq.trace.TraceBuffer;
import dev.virq.workqueue.Workers;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What a host is booted with.
 *
 * @param name names its threads
 * @param workers injections that may run at once
 * @param cleanupWorkers tear-downs that may run at once
 * @param threads starts the workers
 * @param limits bounds on everything
 * @param totals what all hosts have together, and the bound on it
 * @param memory bytes of the sandbox
 * @param waitersTotal the bound on waiting calls that all hosts share
 * @param probe sees every step before anything can stop there
 * @param log the event log, which outlives a reset
 * @param clockMillis time of day in milliseconds since 1970 UTC
 * @param clock what timers go by
 * @param protocol in which order bindings are made, signalled and ended
 * @param bugs given every broken invariant
 */
public record HostOptions(
    String name,
    int workers,
    int cleanupWorkers,
    Workers threads,
    Limits limits,
    Totals totals,
    Budget memory,
    WaitersTotal waitersTotal,
    Probe probe,
    TraceBuffer log,
    LongSupplier clockMillis,
    SandboxClock clock,
    Protocol protocol,
    Consumer<Throwable> bugs) {
  private static final Logger LOG = System.getLogger(HostOptions.class.getName());
  private static final int AMPLE = 1_000_000;
  private static final int KEPT = 1_000;
  private static final int WORKERS = 4;

  /** With the safe protocol; broken invariants are logged. */
  public HostOptions(
      String name,
      int workers,
      int cleanupWorkers,
      Workers threads,
      Limits limits,
      Totals totals,
      Budget memory,
      WaitersTotal waitersTotal,
      Probe probe,
      TraceBuffer log,
      LongSupplier clockMillis,
      SandboxClock clock) {
    this(
        name,
        workers,
        cleanupWorkers,
        threads,
        limits,
        totals,
        memory,
        waitersTotal,
        probe,
        log,
        clockMillis,
        clock,
        Protocol.SAFE,
        bug -> LOG.log(Level.ERROR, "invariant broken in " + name, bug));
  }

  /**
   * A host that shares nothing with another, such as one in a test: only its own limits bound it,
   * and its timers have a clock that stands until it is moved.
   *
   * @param workers injections, and tear-downs, that may run at once
   */
  public static HostOptions alone(
      String name,
      int workers,
      Workers threads,
      Limits limits,
      Probe probe,
      LongSupplier clockMillis) {
    return new HostOptions(
        name,
        workers,
        workers,
        threads,
        limits,
        new Totals(new Quota("objects", limits.objectsTotal(), Errno.ENFILE, null)),
        Budget.unbounded(),
        new WaitersTotal(limits.waitersTotal()),
        probe,
        new TraceBuffer(limits.events(), clockMillis),
        clockMillis,
        SandboxClock.standing());
  }

  /** The same host with another protocol of bindings, and broken invariants told to another. */
  public HostOptions with(Protocol other, Consumer<Throwable> otherBugs) {
    return new HostOptions(
        name,
        workers,
        cleanupWorkers,
        threads,
        limits,
        totals,
        memory,
        waitersTotal,
        probe,
        log,
        clockMillis,
        clock,
        other,
        otherBugs);
  }

  /**
   * For a program that has the simulation within itself, such as a test: nobody has to be kept from
   * using too much, so the bounds are ample.
   */
  public static HostOptions inProcess() {
    Duration day = Duration.ofDays(1);
    Limits limits =
        new Limits(
            1, AMPLE, AMPLE, AMPLE, AMPLE, KEPT, AMPLE, AMPLE, AMPLE, AMPLE, KEPT, KEPT, KEPT, KEPT,
            AMPLE, AMPLE, WORKERS, day, day, day);
    return alone("host", WORKERS, Workers.virtual(), limits, Probe.NONE, System::currentTimeMillis);
  }
}
