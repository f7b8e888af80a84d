package dev.virq.testing;

import dev.virq.clock.SandboxClock;
import dev.virq.errno.Errno;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.host.HostOptions;
import dev.virq.host.VmFile;
import dev.virq.irqchip.IrqChip;
import dev.virq.limits.Budget;
import dev.virq.limits.Limits;
import dev.virq.limits.Quota;
import dev.virq.limits.Totals;
import dev.virq.limits.WaitersTotal;
import dev.virq.trace.Probe;
import dev.virq.trace.TraceBuffer;
import dev.virq.workqueue.Workers;
import java.time.Duration;

/** Boots systems for tests. */
public final class TestHosts {
  /**
   * How long a test lets a wait go on before it calls it lost; never reached by a right product.
   */
  public static final long LONG = Duration.ofSeconds(30).toNanos();

  private TestHosts() {}

  /** A system with so many workers of each kind. */
  public static Host boot(int workers) {
    return boot(workers, Probe.NONE);
  }

  /** A system with so many workers of each kind and a probe that sees every step. */
  public static Host boot(int workers, Probe probe) {
    return boot(workers, probe, Workers.virtual(), TestLimits.defaults());
  }

  /** A system made of these parts. */
  public static Host boot(int workers, Probe probe, Workers threads, Limits limits) {
    return new Host(HostOptions.alone("test", workers, threads, limits, probe, () -> 0));
  }

  /** A VM with the full controller. */
  public static VmFile vm(Host host) {
    return host.vms().create(null, IrqChip.Kind.KERNEL, 0);
  }

  /** A system with one worker of each kind, and that clock. */
  public static Host boot(SandboxClock clock) {
    Limits limits = TestLimits.defaults();
    return new Host(
        new HostOptions(
            "test",
            1,
            1,
            Workers.virtual(),
            limits,
            new Totals(new Quota("objects", limits.objectsTotal(), Errno.ENFILE, null)),
            Budget.unbounded(),
            new WaitersTotal(limits.waitersTotal()),
            Probe.NONE,
            new TraceBuffer(limits.events(), () -> 0),
            () -> 0,
            clock));
  }

  /** A new eventfd whose counter is 0, named by its id. */
  public static EventfdName eventfd(Host host) {
    return EventfdName.id(host.eventfds().create(0, false, false, null).id());
  }
}
