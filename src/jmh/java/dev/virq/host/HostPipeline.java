package dev.virq.host;

import dev.virq.errno.EventfdName;
import dev.virq.irqchip.IrqChip;
import dev.virq.testing.TestLimits;
import dev.virq.trace.Outcome;
import dev.virq.trace.Probe;
import dev.virq.workqueue.Workers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The irqfds of a host: with the event log, which nobody reads, and all that is counted. */
final class HostPipeline implements Pipeline {
  private static final long LONG_NANOS = Duration.ofSeconds(60).toNanos();

  private final Host host;
  private final List<EventfdName> eventfds = new ArrayList<>();
  private final Runnable end;

  /**
   * None is signalled yet.
   *
   * @param threads start the workers of the host's queues
   * @param end stops them
   */
  HostPipeline(int count, Workers threads, Runnable end) {
    host =
        new Host(
            HostOptions.alone(
                "bench",
                WORKERS,
                threads,
                TestLimits.defaults(),
                Probe.NONE,
                System::currentTimeMillis));
    long vm = host.vms().create(null, IrqChip.Kind.KERNEL, 0).id();
    for (int i = 0; i < count; i++) {
      EventfdName eventfd = EventfdName.id(host.eventfds().create(0, false, false, null).id());
      eventfds.add(eventfd);
      host.irqfds().assign(vm, eventfd, i % LINES, null);
    }
    this.end = end;
  }

  @Override
  public void signal(int irqfd) {
    var _ = host.eventfds().write(eventfds.get(irqfd), 1);
  }

  @Override
  public void await(long signals) {
    host.waits().settled(LONG_NANOS);
  }

  @Override
  public long injected() {
    return host.stats().outcomes().getOrDefault(Outcome.INJECTED, 0L);
  }

  @Override
  public void close() {
    end.run();
  }
}
