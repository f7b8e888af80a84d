package dev.virq.irqchip;

import dev.virq.chip.IoApic;
import dev.virq.chip.IoApicState;
import dev.virq.chip.PicPair;
import dev.virq.chip.PicState;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.lapic.ApicBase;
import dev.virq.lapic.ApicBus;
import dev.virq.lapic.LapicState;
import dev.virq.lapic.RunState;
import dev.virq.lapic.Vcpu;
import dev.virq.lapic.VcpuState;
import dev.virq.pit.PitWhole;
import dev.virq.routing.Chip;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The chips as the host sees them: their state read, and restored with all that follows from a
 * restore (KVM_GET/SET_IRQCHIP, KVM_GET/SET_LAPIC). Any thread.
 */
public final class HostPort {
  private final IrqChip chip;
  private final ApicBus bus;
  private final @Nullable PicPair pics;
  private final @Nullable IoApic ioapic;
  private final PitWire pit;

  HostPort(
      IrqChip chip, ApicBus bus, @Nullable PicPair pics, @Nullable IoApic ioapic, PitWire pit) {
    this.chip = chip;
    this.bus = bus;
    this.pics = pics;
    this.ioapic = ioapic;
    this.pit = pit;
  }

  /**
   * The 8259 pair and the I/O APIC at one moment.
   *
   * @param master the half that is wired to the vCPUs
   * @param slave the half behind its line 2
   */
  public record Chips(PicState master, PicState slave, IoApicState ioapic) {}

  /**
   * All of a controller, whole: what restores it leaves nothing to follow.
   *
   * @param vcpus with their local APICs, in creation order
   * @param wideMap whether the map of local APICs was made with ids of 32 bits
   * @param pics null with a split controller
   * @param ioapic null with a split controller
   * @param pit null when there is none
   */
  public record Whole(
      List<VcpuState> vcpus,
      boolean wideMap,
      PicState.@Nullable Pair pics,
      IoApicState.@Nullable Whole ioapic,
      @Nullable PitWhole pit) {
    /** Copies the list. */
    public Whole {
      vcpus = List.copyOf(vcpus);
    }

    /** Numbers of the vCPUs, in creation order. */
    public List<Integer> numbers() {
      return vcpus.stream().map(VcpuState::number).toList();
    }
  }

  /**
   * All of it at one moment.
   *
   * @param now what is left of timers is left from then on
   */
  public Whole whole(long now) {
    return chip.locked(() ->
        new Whole(
            bus.whole(now),
            bus.wideMap(),
            pics == null ? null : pics.whole(),
            ioapic == null ? null : ioapic.whole(now),
            pit.whole(now)));
  }

  /**
   * Becomes what another controller of the same kind was, and nothing follows from it. The vCPUs
   * are there, and so are the irqfds: what binding them does is overwritten.
   *
   * @param state right in itself
   * @param now what is left of timers is left from then on
   */
  public void become(Whole state, long now) {
    chip.locked(() -> {
      bus.become(state.vcpus(), state.wideMap(), now);
      if (pics != null && state.pics() != null) {
        pics.become(state.pics());
      }
      if (ioapic != null && state.ioapic() != null) {
        ioapic.become(state.ioapic(), now);
      }
      pit.become(state.pit(), now);
      return state;
    });
  }

  /**
   * All chips of a full controller at one moment.
   *
   * @throws ErrnoException ENXIO with a split controller
   */
  public Chips chips() {
    PicPair pair = pics();
    IoApic one = requireIoapic();
    return chip.locked(
        () -> new Chips(pair.state(Chip.MASTER), pair.state(Chip.SLAVE), one.state()));
  }

  /**
   * One half of the 8259 pair.
   *
   * @throws ErrnoException ENXIO with a split controller
   */
  public PicState pic(Chip half) {
    PicPair pair = pics();
    return chip.locked(() -> pair.state(half));
  }

  /**
   * Reads one half of the 8259 pair, changes it and restores it.
   *
   * @throws ErrnoException ENXIO with a split controller
   */
  public PicState changePic(Chip half, UnaryOperator<PicState> change) {
    PicPair pair = pics();
    return chip.locked(() -> {
      pair.restore(half, change.apply(pair.state(half)));
      return pair.state(half);
    });
  }

  /**
   * The I/O APIC.
   *
   * @throws ErrnoException ENXIO with a split controller
   */
  public IoApicState ioapic() {
    IoApic one = requireIoapic();
    return chip.locked(one::state);
  }

  /**
   * Reads the I/O APIC, changes it and restores it: pins that are requested are raised again.
   *
   * @throws ErrnoException ENXIO with a split controller
   */
  public IoApicState changeIoapic(UnaryOperator<IoApicState> change) {
    IoApic one = requireIoapic();
    PicPair pair = pics();
    return chip.locked(() -> {
      one.restore(change.apply(one.state()));
      // As the kernel does after restoring any of the chips.
      pair.update();
      return one.state();
    });
  }

  /** Numbers of the vCPUs, in creation order. */
  public List<Integer> vcpus() {
    return chip.locked(() -> bus.vcpus().stream().map(Vcpu::number).toList());
  }

  /** Raises an NMI in a vCPU, whatever its local APIC says; ENOENT when there is none of it. */
  public void raiseNmi(long vcpu) {
    Vcpu _ =
        chip.locked(() -> {
          Vcpu one = require(vcpu);
          one.raiseNmi();
          return one;
        });
  }

  /** As {@link Vcpu#setNmis}; ENOENT when there is none of it. */
  public void setNmis(long vcpu, @Nullable Integer pending, @Nullable Boolean masked) {
    Vcpu _ =
        chip.locked(() -> {
          Vcpu one = require(vcpu);
          one.setNmis(pending, masked);
          return one;
        });
  }

  /** Says whether a vCPU runs: KVM_SET_MP_STATE; ENOENT when there is none of that number. */
  public void setRunState(long vcpu, RunState state) {
    Vcpu _ =
        chip.locked(() -> {
          Vcpu one = require(vcpu);
          one.setRunState(state);
          return one;
        });
  }

  /** Run state and NMIs of a vCPU; ENOENT when there is none of that number. */
  public Vcpu.Events events(long vcpu) {
    return chip.locked(() -> require(vcpu).events());
  }

  /**
   * Gives a vCPU a CPUID table, which has a local APIC.
   *
   * @param deadline whether its timer can count to a deadline
   * @param x2apic whether its local APIC has x2APIC mode
   * @throws ErrnoException ENOENT when there is no such vCPU; EINVAL when it has run
   */
  public void cpuid(long vcpu, boolean deadline, boolean x2apic) {
    chip.locked(() -> {
      Vcpu one = require(vcpu);
      if (one.hasRun()) {
        throw new ErrnoException(
            Errno.EINVAL, "vCPU " + vcpu + " has run, and its CPUID table cannot change");
      }
      bus.cpuid(one, deadline, x2apic);
      return one;
    });
  }

  /** The user agrees to these flags of {@link dev.virq.lapic.X2ApicApi}, too. */
  public void agree(int flags) {
    ApicBus _ =
        chip.locked(() -> {
          bus.api().add(flags);
          return bus;
        });
  }

  /** A vCPU's APIC base; ENOENT when there is no such vCPU. */
  public long apicBase(long vcpu) {
    return chip.locked(() -> require(vcpu).apic().base().value());
  }

  /**
   * Sets a vCPU's APIC base, from any mode to any.
   *
   * @throws ErrnoException ENOENT when there is no such vCPU; EINVAL when the value is refused
   */
  public long setApicBase(long vcpu, long value) {
    return chip.locked(() -> {
      Vcpu one = require(vcpu);
      GuestMsrs.refuse(vcpu, ApicBase.REGISTER, value, bus.rebase(one, value, false));
      return value;
    });
  }

  /** A vCPU's local APIC; ENOENT when there is no such vCPU. */
  public LapicState lapic(long vcpu) {
    return chip.locked(() -> bus.state(require(vcpu)));
  }

  /**
   * Reads a vCPU's local APIC, changes it and restores it.
   *
   * @throws ErrnoException ENOENT when there is no such vCPU; EINVAL when the state is refused
   */
  public LapicState changeLapic(long vcpu, UnaryOperator<LapicState> change) {
    return chip.locked(() -> {
      Vcpu one = require(vcpu);
      restore(one, change.apply(bus.state(one)));
      return bus.state(one);
    });
  }

  /**
   * A vCPU takes its highest deliverable vector into service, in a state read and restored; nothing
   * is restored when there is none.
   *
   * @return the vector, or -1
   * @throws ErrnoException ENOENT when there is no such vCPU
   */
  public int takeVector(long vcpu) {
    return chip.locked(() -> takeVector(require(vcpu)));
  }

  /** As the other. Chip lock held. */
  int takeVector(Vcpu vcpu) {
    int vector = vcpu.apic().deliverable();
    if (vector >= 0) {
      bus.take(vcpu, vector);
      restore(vcpu, bus.state(vcpu));
    }
    return vector;
  }

  /**
   * A host restore of a local APIC. Chip lock held.
   *
   * @throws ErrnoException EINVAL when the state is refused
   */
  void restore(Vcpu vcpu, LapicState state) {
    String refusal = bus.restore(vcpu, state);
    if (refusal != null) {
      throw new ErrnoException(
          Errno.EINVAL,
          "the state of the local APIC of vCPU %d %s".formatted(vcpu.number(), refusal));
    }
    if (ioapic != null) {
      ioapic.restored(vcpu);
    }
  }

  private Vcpu require(long vcpu) {
    return require(bus, vcpu);
  }

  static Vcpu require(ApicBus bus, long vcpu) {
    Vcpu found = bus.find(vcpu);
    if (found == null) {
      throw new ErrnoException(Errno.ENOENT, "vCPU " + vcpu + " is unknown");
    }
    return found;
  }

  private PicPair pics() {
    if (pics == null) {
      throw split("8259 pair");
    }
    return pics;
  }

  private IoApic requireIoapic() {
    if (ioapic == null) {
      throw split("I/O APIC");
    }
    return ioapic;
  }

  private static ErrnoException split(String what) {
    return new ErrnoException(Errno.ENXIO, "a split controller has no " + what);
  }
}
