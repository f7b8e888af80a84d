package dev.virq.snapshot;

import dev.virq.clock.SandboxClock;
import dev.virq.host.EventfdFile;
import java.util.List;

/**
 * A settled host, whole. Lists of numbered objects are in the order of their numbers, and an object
 * is named by its number: VM 1 is {@code vm-1}.
 *
 * @param schema the form of the document
 * @param virq the version of the program that wrote it
 * @param clock what the timers go by
 * @param next the next number of each kind
 * @param eventfds open eventfds
 * @param pipes open pipes, in the order of their first descriptors
 * @param vms open VMs
 * @param irqfds bound irqfds
 * @param freedIrqfds the last freed ones
 * @param releasedVms the last released ones, in the order of their release
 */
public record Snapshot(
    Schema schema,
    String virq,
    Clock clock,
    Next next,
    List<EventfdFile.Whole> eventfds,
    List<Pipe> pipes,
    List<VmEntry> vms,
    List<IrqfdEntry> irqfds,
    List<FreedIrqfdEntry> freedIrqfds,
    List<ReleasedVmEntry> releasedVms) {
  /**
   * A clock.
   *
   * @param kind what makes it go
   * @param nanos its reading, in nanoseconds
   */
  public record Clock(SandboxClock.Kind kind, long nanos) {}

  /**
   * The number that the next object of each kind gets.
   *
   * @param vm of a VM
   * @param eventfd of an eventfd
   * @param irqfd of an irqfd
   * @param signal of a signal
   * @param breakpoint of a breakpoint
   */
  public record Next(long vm, long eventfd, long irqfd, long signal, long breakpoint) {}

  /**
   * A pipe.
   *
   * @param fds its descriptor numbers, ascending
   */
  public record Pipe(List<Integer> fds) {
    /** Copies the numbers. */
    public Pipe {
      fds = List.copyOf(fds);
    }
  }

  /** Copies the lists. */
  public Snapshot {
    eventfds = List.copyOf(eventfds);
    pipes = List.copyOf(pipes);
    vms = List.copyOf(vms);
    irqfds = List.copyOf(irqfds);
    freedIrqfds = List.copyOf(freedIrqfds);
    releasedVms = List.copyOf(releasedVms);
  }
}
