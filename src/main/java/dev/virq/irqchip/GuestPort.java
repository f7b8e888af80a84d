package dev.virq.irqchip;

import dev.virq.chip.IoApic;
import dev.virq.chip.PicPair;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.lapic.ApicBus;
import dev.virq.lapic.LapicState;
import dev.virq.lapic.RunState;
import dev.virq.lapic.Vcpu;
import dev.virq.message.Message;
import dev.virq.routing.Route;
import dev.virq.routing.RoutingTable;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The chips as a guest sees them: port and register accesses of one vCPU, with interrupts off. See
 * behaviour.md §6 to §8 and §12. Any thread.
 *
 * <p>Before the access the vCPU takes its pending NMIs, after it those that it raised itself.
 */
public final class GuestPort {
  private final IrqChip chip;
  private final ApicBus bus;
  private final @Nullable PicPair pics;
  private final @Nullable IoApic ioapic;
  private final GuestMemory memory;
  private final GuestMsrs msrs;
  private final Ports ports;

  GuestPort(
      IrqChip chip, ApicBus bus, @Nullable PicPair pics, @Nullable IoApic ioapic, PitWire pit) {
    this.chip = chip;
    this.bus = bus;
    this.pics = pics;
    this.ioapic = ioapic;
    this.memory = new GuestMemory(bus, ioapic);
    this.msrs = new GuestMsrs(bus);
    this.ports = new Ports(pics, pit);
  }

  /**
   * A byte to a port. EAGAIN for a vCPU that does not run, ENOENT for an unknown one; so for all of
   * these.
   */
  public Access out(long vcpu, int port, int value) {
    return out(vcpu, port, 1, value);
  }

  /** 1, 2 or 4 bytes to a port. */
  public Access out(long vcpu, int port, int bytes, int value) {
    return run(vcpu, one -> ports.write(port, bytes, value, picAccepted()));
  }

  /** A byte from a port. */
  public Access in(long vcpu, int port) {
    return in(vcpu, port, 1);
  }

  /** 1, 2 or 4 bytes from a port. */
  public Access in(long vcpu, int port, int bytes) {
    return run(vcpu, one -> ports.read(port, bytes));
  }

  /** A load of 1, 2, 4 or 8 bytes from an address of 32 bits. */
  public Access load(long vcpu, long address, int bytes) {
    return run(vcpu, one -> memory.load(one, address, bytes));
  }

  /** A store of 1, 2, 4 or 8 bytes to an address of 32 bits. */
  public Access store(long vcpu, long address, int bytes, long value) {
    return run(vcpu, one -> memory.store(one, address, bytes, value, this::end));
  }

  /** A store to a register of the vCPU's local APIC. */
  public Access lapicWrite(long vcpu, long offset, int value) {
    return store(vcpu, GuestMemory.lapic(offset), Integer.BYTES, value);
  }

  private Access end(Vcpu vcpu) {
    ApicBus.Ended ended = bus.end(vcpu);
    Integer vector = ended.vector() < 0 ? null : ended.vector();
    boolean told = vector != null && ended.forwarded();
    if (told && ioapic != null) {
      ioapic.ended(vcpu, ended.vector(), vcpu.apic().levelTriggered(ended.vector()));
    }
    Integer exit = told && ioapic == null ? vector : null;
    return new Access(true, null, 0, vector, exit, List.of());
  }

  /** A load from a register of the vCPU's local APIC. */
  public Access lapicRead(long vcpu, long offset) {
    return load(vcpu, GuestMemory.lapic(offset), Integer.BYTES);
  }

  /**
   * A load of a model-specific register: the APIC base, the deadline of the timer, or one of x2APIC
   * mode.
   *
   * @throws ErrnoException EINVAL where the guest would fault, and for another register
   */
  public Access readMsr(long vcpu, long register) {
    GuestMsrs.require(register);
    return run(vcpu, one -> msrs.read(one, register));
  }

  /** A store to a model-specific register; as {@link #readMsr}. */
  public Access writeMsr(long vcpu, long register, long value) {
    GuestMsrs.require(register);
    return run(vcpu, one -> msrs.write(one, register, value, this::end));
  }

  /** The end of the highest interrupt in service, by the store that the mode has for it. */
  public Access eoi(long vcpu) {
    return run(vcpu, this::storeEnd);
  }

  private Access storeEnd(Vcpu vcpu) {
    return vcpu.apic().base().extended()
        ? end(vcpu)
        : memory.store(vcpu, GuestMemory.end(vcpu), Integer.BYTES, 0, this::end);
  }

  /**
   * The vCPU takes its highest deliverable vector ({@link HostPort#takeVector}) and ends it, in one
   * step: who stops the vCPU finds none that it took and could not end. As the vCPU itself would,
   * it takes nothing while it does not run or its base disables the local APIC.
   *
   * @return the end; one of nothing when nothing was taken
   */
  public Access serve(long vcpu) {
    return chip.locked(() -> {
      Vcpu one = HostPort.require(bus, vcpu);
      boolean takes = one.runState() == RunState.RUNNABLE && one.apic().base().enabled();
      return takes && chip.host().takeVector(one) >= 0
          ? runLocked(one, this::storeEnd)
          : Access.DONE;
    });
  }

  /** Selects a register of the I/O APIC and stores to it. */
  public Access ioapicWrite(long vcpu, int index, int value) {
    return run(
        vcpu,
        one -> {
          Access _ = memory.store(one, GuestMemory.IOAPIC, Integer.BYTES, index, this::end);
          return memory.store(one, GuestMemory.WINDOW, Integer.BYTES, value, this::end);
        });
  }

  /** Selects a register of the I/O APIC and loads from it. */
  public Access ioapicRead(long vcpu, int index) {
    return run(
        vcpu,
        one -> {
          Access _ = memory.store(one, GuestMemory.IOAPIC, Integer.BYTES, index, this::end);
          return memory.load(one, GuestMemory.WINDOW, Integer.BYTES);
        });
  }

  /**
   * The vCPU takes an interrupt of the 8259 pair, if it accepts them and one is requested. Its own
   * vectors in service are set aside meanwhile.
   */
  public Access picAck(long vcpu) {
    return chip.locked(() -> {
      Vcpu one = requireRunning(vcpu);
      if (bus.state(one).isr().isEmpty()) {
        return runLocked(one, this::acknowledge);
      }
      // It runs first: a restore drops what its timer has left.
      Access ran = runLocked(one, running -> Access.DONE);
      LapicState before = bus.state(one);
      chip.host().restore(one, before.withIsr(List.of()));
      Access taken =
          runLocked(
              one,
              running -> {
                // Restored before anything is reported, because then other operations may run.
                bus.putInService(running, before.isr());
                return acknowledge(running);
              });
      chip.host().restore(one, bus.state(one));
      return taken.with(ran.nmis() + taken.nmis(), taken.told());
    });
  }

  private Access acknowledge(Vcpu vcpu) {
    return pics != null && picRequests(vcpu) ? Access.read(pics.acknowledge()) : Access.DONE;
  }

  private Access run(long vcpu, Function<Vcpu, Access> access) {
    return chip.locked(() -> runLocked(requireRunning(vcpu), access));
  }

  private Access runLocked(Vcpu vcpu, Function<Vcpu, Access> access) {
    vcpu.ran();
    forward(vcpu);
    int nmis = vcpu.takeNmis();
    List<Long> told = chip.beginTelling();
    bus.timers().takeExpiry(vcpu, false);
    Access done;
    try {
      done = access.apply(vcpu);
    } finally {
      bus.timers().run(vcpu);
    }
    return done.with(nmis + vcpu.takeNmis(), told);
  }

  /** Computes what a vCPU forwards, if that is due. */
  private void forward(Vcpu vcpu) {
    if (!vcpu.stale()) {
      return;
    }
    if (!vcpu.apic().base().enabled()) {
      // Its ends are none; enabling makes the set stale again.
      return;
    }
    vcpu.clearForwarded();
    if (ioapic != null) {
      ioapic.forward(vcpu);
      return;
    }
    // The I/O APIC is in user space: it has the lowest lines, whose number is kept in 8 bits.
    RoutingTable table = chip.routing();
    for (int gsi = 0; gsi < (chip.reservedPins() & 0xff) && gsi < table.size(); gsi++) {
      for (Route route : table.routes(gsi)) {
        if (route instanceof Route.Send send && send.message().level()) {
          Message message = chip.message(send);
          vcpu.forward(message.vector(), message.destination(), message.logical());
        }
      }
    }
  }

  private Vcpu requireRunning(long vcpu) {
    Vcpu one = HostPort.require(bus, vcpu);
    wake(one, false);
    requireRunnable(one);
    return one;
  }

  /**
   * A halted vCPU is let run with interrupts on, and wakes if an interrupt or NMI is there. It does
   * not take it.
   */
  public void wake(long vcpu) {
    Vcpu _ =
        chip.locked(() -> {
          Vcpu one = HostPort.require(bus, vcpu);
          if (one.runState() != RunState.RUNNABLE) {
            wake(one, true);
          }
          requireRunnable(one);
          return one;
        });
  }

  private void wake(Vcpu vcpu, boolean interrupts) {
    if (vcpu.halted()) {
      // Linux goes round a loop meanwhile, and looks for what the timer left each time.
      bus.timers().takeExpiry(vcpu, true);
      vcpu.wake(interrupts && (vcpu.apic().requests() || picRequests(vcpu)));
    }
  }

  private static void requireRunnable(Vcpu vcpu) {
    RunState state = vcpu.runState();
    if (state != RunState.RUNNABLE) {
      throw new ErrnoException(
          Errno.EAGAIN,
          "vCPU %d is %s: it is waiting for %s"
              .formatted(vcpu.number(), state.name().toLowerCase(Locale.ROOT), state.awaited()));
    }
  }

  /** Whether an interrupt of the 8259 pair is there for the vCPU. */
  private boolean picRequests(Vcpu vcpu) {
    return pics != null && pics.output() && vcpu.apic().acceptsPic();
  }

  private boolean picAccepted() {
    return bus.vcpus().stream().anyMatch(vcpu -> vcpu.apic().acceptsPic());
  }
}
