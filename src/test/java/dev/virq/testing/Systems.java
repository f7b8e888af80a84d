package dev.virq.testing;

import dev.virq.errno.Errno;
import dev.virq.irqchip.IrqChip;
import dev.virq.sandbox.EventfdRef;
import dev.virq.sandbox.Kernel;
import dev.virq.sandbox.KernelSetup;
import dev.virq.sandbox.Limits;
import dev.virq.sandbox.Quota;
import dev.virq.sandbox.VmEntry;
import dev.virq.sandbox.Workers;
import dev.virq.trace.Probe;
import dev.virq.trace.TraceBuffer;
import java.time.Duration;

/** Boots systems for tests. */
public final class Systems {
  /**
   * How long a test lets a wait go on before it calls it lost; never reached by a right product.
   */
  public static final long LONG = Duration.ofSeconds(30).toNanos();

  private Systems() {}

  /** A system with so many workers of each kind. */
  public static Kernel boot(int workers) {
    return boot(workers, Probe.NONE);
  }

  /** A system with so many workers of each kind and a probe that sees every step. */
  public static Kernel boot(int workers, Probe probe) {
    return boot(workers, probe, Workers.virtual(), Limits.defaults());
  }

  /** A system made of these parts. */
  public static Kernel boot(int workers, Probe probe, Workers threads, Limits limits) {
    return new Kernel(
        new KernelSetup(
            "test",
            workers,
            workers,
            threads,
            limits,
            new Quota("objects", limits.objectsTotal(), Errno.ENFILE, null),
            probe,
            new TraceBuffer(limits.events(), () -> 0),
            () -> 0));
  }

  /** A VM with the full controller. */
  public static VmEntry vm(Kernel kernel) {
    return kernel.vms().create(null, IrqChip.Kind.KERNEL, 0);
  }

  /** A new eventfd whose counter is 0, named by its id. */
  public static EventfdRef eventfd(Kernel kernel) {
    return EventfdRef.id(kernel.eventfds().create(0, false, false, null).id());
  }
}
