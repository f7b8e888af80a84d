package dev.virq.snapshot;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.clock.SandboxClock;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.host.Host;
import dev.virq.host.VmFile;
import dev.virq.inflight.InFlight;
import dev.virq.irqfd.Irqfd;
import dev.virq.irqfd.IrqfdState;
import dev.virq.vm.VmState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes snapshots, and makes hosts of them.
 *
 * <p>Any thread, no lock held. Calls may go on while a snapshot is taken: it is taken until two in
 * a row are the same, so that it is of one moment.
 */
public final class Snapshots {
  /** How often it is taken at most. */
  private static final int TRIES = 20;

  private Snapshots() {}

  /**
   * Takes a snapshot of a host in which nothing is under way.
   *
   * @param virq the version of this program
   * @param history whether with freed irqfds and released VMs
   * @throws ErrnoException EDEADLK when a breakpoint holds something, EBUSY when something is in
   *     flight or keeps changing; ECANCELED when the host was shut down
   */
  public static Snapshot take(Host host, String virq, boolean history) {
    // Timers would go on, and what they cause would differ from one look to the next.
    SandboxClock clock = host.clock();
    clock.hold();
    try {
      Snapshot before = look(host, virq, history);
      for (int i = 1; i < TRIES; i++) {
        Snapshot after = look(host, virq, history);
        if (after.equals(before)) {
          return after;
        }
        before = after;
      }
    } finally {
      clock.release();
    }
    throw new ErrnoException(
        Errno.EBUSY, "the sandbox changes all the time; stop the calls to it, and try again");
  }

  private static Snapshot look(Host host, String virq, boolean history) {
    requireSettled(host);
    long now = host.clock().now();
    List<VmEntry> vms = new ArrayList<>();
    List<VmFile> released = new ArrayList<>();
    for (VmFile file : host.vms().list(0, Integer.MAX_VALUE)) {
      switch (file.state()) {
        case OPEN -> vms.add(open(host, file, now));
        case CLOSING -> throw closing(file);
        case RELEASED -> {
          if (history) {
            released.add(file);
          }
        }
      }
    }
    // By the numbers of their events: in this order they are forgotten.
    released.sort(Comparator.comparingLong(VmFile::seq));
    List<IrqfdEntry> irqfds = new ArrayList<>();
    for (Irqfd irqfd : host.irqfds().list(0, Integer.MAX_VALUE)) {
      if (irqfd.info().state() != IrqfdState.ACTIVE || irqfd.cause() != null) {
        throw busy(irqfd + " is on its way out");
      }
      irqfds.add(IrqfdEntry.of(irqfd));
    }
    Snapshot seen =
        new Snapshot(
            Schema.CURRENT,
            virq,
            new Snapshot.Clock(host.clock().kind(), now),
            new Snapshot.Next(
                host.vms().next(),
                host.eventfds().next(),
                host.irqfds().next(),
                host.signals().next(),
                host.breakpoints().next()),
            host.eventfds().whole(),
            host.eventfds().pipes().stream().map(Snapshot.Pipe::new).toList(),
            vms,
            irqfds,
            host.irqfds().listFreed(0, history ? Integer.MAX_VALUE : 0).stream()
                .map(FreedIrqfdEntry::of)
                .toList(),
            released.stream().map(ReleasedVmEntry::of).toList());
    requireSettled(host);
    return seen;
  }

  private static VmEntry open(Host host, VmFile file, long now) {
    VmState state;
    try {
      state = host.vms().whole(file.id(), now);
    } catch (ErrnoException e) {
      // Closed since it was listed.
      throw e.errno() == Errno.EBADF || e.errno() == Errno.ENOENT ? closing(file) : e;
    }
    return VmEntry.of(file.id(), file.name(), file.references(), state, file.lines().whole());
  }

  private static ErrnoException closing(VmFile file) {
    return busy("vm-" + file.id() + " is being closed");
  }

  private static void requireSettled(Host host) {
    for (Breakpoint breakpoint : host.breakpoints().list()) {
      // One that delays lets go by itself.
      if (breakpoint.spec().action() == Breakpoint.Action.HOLD && !breakpoint.parked().isEmpty()) {
        throw new ErrnoException(
            Errno.EDEADLK,
            "bp-%d holds a thread at %s: let it go first"
                .formatted(breakpoint.id(), breakpoint.spec().point().pointName()),
            Map.of("heldBy", breakpoint.parked()));
      }
    }
    for (long closing : host.eventfds().closing()) {
      throw busy("efd-" + closing + " is closed, and a read that waits keeps it");
    }
    if (host.waits().settlesSoon()) {
      return;
    }
    try {
      host.waits().settled(0);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ETIMEDOUT) {
        throw e;
      }
      Map<String, Object> facts = new LinkedHashMap<>(e.facts());
      List<InFlight.Pending> pending = host.waits().pending();
      throw new ErrnoException(
          Errno.EBUSY,
          pending.isEmpty()
              ? "something is in flight"
              : "%s is in flight: wait until the sandbox is settled"
                  .formatted(pending.getFirst().id()),
          facts);
    }
  }

  private static ErrnoException busy(String why) {
    return new ErrnoException(Errno.EBUSY, why + ": wait until the sandbox is settled");
  }

  /**
   * Makes a new host what another one was. Its limits and its memory are charged as by the calls
   * that make the objects.
   *
   * @param host without objects, and unknown to anybody else; useless when this throws
   * @param snapshot checked by {@link SnapshotCheck}
   * @throws ErrnoException EMFILE, ENFILE past the limits
   */
  public static void restore(Host host, Snapshot snapshot) {
    host.restore(() -> make(host, snapshot));
  }

  private static void make(Host host, Snapshot snapshot) {
    host.clock().goOnFrom(snapshot.clock().nanos());
    // First: each is there for a moment, and counts as if it stayed.
    for (ReleasedVmEntry vm : snapshot.releasedVms()) {
      host.vms().startAt(vm.number());
      host.vms().restoreReleased(vm.name(), vm.bootVcpu(), vm.chip(), vm.counters(), vm.took());
    }
    snapshot.eventfds().forEach(host.eventfds()::restore);
    snapshot.pipes().forEach(pipe -> host.eventfds().restorePipe(pipe.fds()));
    for (VmEntry vm : snapshot.vms()) {
      host.vms().startAt(vm.number());
      VmFile file = host.vms().restore(vm.name(), vm.state());
      vm.lines().forEach(line -> file.lines().become(line.gsi(), line.counters()));
    }
    for (IrqfdEntry irqfd : snapshot.irqfds()) {
      host.irqfds().startAt(irqfd.number());
      host.irqfds()
          .restore(
              irqfd.vm(),
              irqfd.eventfd(),
              irqfd.gsi(),
              irqfd.resampleEventfd(),
              irqfd.injections().info(IrqfdState.ACTIVE));
    }
    snapshot.freedIrqfds().forEach(gone -> host.irqfds().remember(gone.irqfd()));
    Snapshot.Next next = snapshot.next();
    host.vms().startAt(next.vm());
    host.eventfds().startAt(next.eventfd());
    host.irqfds().startAt(next.irqfd());
    host.signals().startAt(next.signal());
    host.breakpoints().startAt(next.breakpoint());
    // Last: what binding has done to counters and chips is overwritten.
    snapshot.eventfds().forEach(host.eventfds()::become);
    for (VmEntry vm : snapshot.vms()) {
      host.vms().find(vm.number()).vm().become(vm.state(), snapshot.clock().nanos());
    }
  }
}
