package dev.virq.snapshot;

import dev.virq.chip.IoApicState;
import dev.virq.chip.IrqLine;
import dev.virq.chip.PicState;
import dev.virq.irqchip.FormerChip;
import dev.virq.irqchip.HostPort;
import dev.virq.irqchip.IrqChip;
import dev.virq.lapic.LocalApicState;
import dev.virq.lapic.RunState;
import dev.virq.lapic.TimerState;
import dev.virq.lapic.Vcpu;
import dev.virq.lapic.VcpuState;
import dev.virq.pit.PitWhole;
import dev.virq.routing.LineRanges;
import dev.virq.routing.RoutingTable;
import dev.virq.vm.VmVcpus;
import java.math.BigInteger;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the chips of a VM can have been. Registers may be anything that a host may restore them to:
 * what no register can be, and what no restore could cause, is refused.
 */
final class ChipCheck {
  private static final long BYTE = 0xff;
  private static final int DIVIDE_BITS = 0xb;
  private static final int PERIODIC = 1;
  private static final int DEADLINE = 2;
  private static final int STANDS = 3;

  /** No shorter period runs. */
  private static final long SHORTEST_PERIOD = 200_000;

  /** The largest count by the largest divisor. */
  private static final long LONGEST_PERIOD = 1L << 39;

  /** A store to the divide register multiplies what is left by as much as 128. */
  private static final long MOST_LEFT = LONGEST_PERIOD << 7;

  /** No real time clock can owe more. */
  private static final int MOST_OWED = 100_000;

  private static final long IOAPIC_PINS = (1L << IoApicState.Whole.PINS) - 1;

  private ChipCheck() {}

  static void check(Place place, HostPort.Whole chips, IrqChip.Kind kind) {
    boolean full = kind == IrqChip.Kind.KERNEL;
    PicState.Pair pics = chips.pics();
    IoApicState.Whole ioapic = chips.ioapic();
    Place vcpus = place.at("vcpus");
    numbers(vcpus, chips.numbers());
    for (int i = 0; i < chips.vcpus().size(); i++) {
      VcpuState vcpu = chips.vcpus().get(i);
      vcpu(vcpus.at(i), vcpu);
      // The map is made anew before a vCPU joins, so that only the last can be missing.
      if (!vcpu.mapped() && i < chips.vcpus().size() - 1) {
        throw vcpus.at(i).at("mapped").fault("is false, and only the last vCPU can be unmapped");
      }
    }
    if (full != (pics != null)) {
      throw place.at("pics").fault(full ? "is missing" : "a split controller has none");
    }
    if (full != (ioapic != null)) {
      throw place.at("ioapic").fault(full ? "is missing" : "a split controller has none");
    }
    PitWhole pit = chips.pit();
    if (pit != null) {
      if (!full) {
        throw place.at("pit").fault("a split controller has none");
      }
      PitCheck.check(place.at("pit"), pit);
    }
    if (pics != null) {
      pics(place.at("pics"), pics);
    }
    if (ioapic != null) {
      ioapic(place.at("ioapic"), ioapic, chips.vcpus());
    }
  }

  /** Times that there are on a clock that shows so much. */
  static void since(Place place, HostPort.Whole chips, long now) {
    for (int i = 0; i < chips.vcpus().size(); i++) {
      long left = chips.vcpus().get(i).lapic().timer().leftNanos();
      Place timer = place.at("vcpus").at(i).at("lapic").at("timer");
      timer.at("leftNanos").between(left, 0, Long.MAX_VALUE - now);
    }
    PitWhole pit = chips.pit();
    if (pit != null) {
      PitCheck.since(place.at("pit"), pit, now);
    }
  }

  /** What is left of the controller of a released VM. */
  static void former(Place place, FormerChip.Whole chip) {
    boolean split = chip.kind() == IrqChip.Kind.SPLIT;
    place.at("reservedPins").between(chip.reservedPins(), 0, split ? IrqChip.MAX_RESERVED_PINS : 0);
    BitSet routed = routed(place.at("routed"), chip.routed());
    Place moved = place.at("moved");
    moved.ascending(
        chip.moved().stream().map(IrqLine::gsi).toList(), 0, RoutingTable.MAX_ENTRIES - 1L);
    for (int i = 0; i < chip.moved().size(); i++) {
      IrqLine line = chip.moved().get(i);
      if (!line.routed() || !routed.get((int) line.gsi())) {
        throw moved.at(i).at("routed").fault("a line that leads nowhere has no pin");
      }
      moves(moved.at(i), line.level(), line.raises(), line.lowers());
    }
  }

  private static BitSet routed(Place place, String lines) {
    try {
      return LineRanges.lines(lines);
    } catch (IllegalArgumentException e) {
      throw place.fault("\"%s\" is %s".formatted(SnapshotFault.shown(lines), e.getMessage()));
    }
  }

  /** A pin is low at first. */
  private static void moves(Place place, boolean level, long raises, long lowers) {
    place.at("raises").between(raises, 0, Long.MAX_VALUE);
    place
        .at("lowers")
        .same(
            lowers,
            raises - (level ? 1 : 0),
            "as it has been raised %d times and is %s".formatted(raises, level ? "high" : "low"));
    place.at("lowers").between(lowers, 0, Long.MAX_VALUE);
  }

  /** Numbers of vCPUs, in creation order. */
  static void numbers(Place place, List<Integer> numbers) {
    if (numbers.size() > VmVcpus.MOST_VCPUS) {
      throw place.fault(numbers.size() + " vCPUs are more than " + VmVcpus.MOST_VCPUS);
    }
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < numbers.size(); i++) {
      Place number = place.at(i).at("number");
      number.between(numbers.get(i), 0, VmVcpus.MAX_VCPUS - 1L);
      if (!seen.add(numbers.get(i))) {
        throw number.fault("vCPU " + numbers.get(i) + " is there twice");
      }
    }
  }

  private static void vcpu(Place place, VcpuState vcpu) {
    if (vcpu.runState() == RunState.SIPI_RECEIVED) {
      throw place.at("runState").fault("SIPI_RECEIVED is none that a vCPU is found in");
    }
    place.at("nmis").between(vcpu.nmis(), 0, Vcpu.mostNmis(vcpu.nmiMasked()));
    unsigned(place.at("lastLoad"), vcpu.lastLoad());
    place.at("forwarded").vectors(vcpu.forwarded());
    place.at("leftOver").between(vcpu.leftOver(), -1, BYTE);
    lapic(place.at("lapic"), vcpu.number(), vcpu.lapic());
  }

  private static void lapic(Place place, int number, LocalApicState lapic) {
    ApicBaseCheck.check(place, number, lapic);
    word(place.at("id"), lapic.id());
    word(place.at("svr"), lapic.svr());
    word(place.at("tpr"), lapic.tpr());
    word(place.at("ppr"), lapic.ppr());
    word(place.at("ldr"), lapic.ldr());
    word(place.at("dfr"), lapic.dfr());
    word(place.at("esr"), lapic.esr());
    word(place.at("icrLow"), lapic.icrLow());
    word(place.at("icrHigh"), lapic.icrHigh());
    word(place.at("icrWide"), lapic.icrWide());
    place.at("lvt").size(lapic.lvt(), LocalApicState.LVTS);
    for (int i = 0; i < lapic.lvt().size(); i++) {
      word(place.at("lvt").at(i), lapic.lvt().get(i));
    }
    place.at("irr").vectors(lapic.irr());
    place.at("isr").vectors(lapic.isr());
    place.at("tmr").vectors(lapic.tmr());
    timer(place.at("timer"), lapic.timer());
  }

  private static void timer(Place place, TimerState timer) {
    place.at("modes").between(timer.modes(), 0, STANDS);
    if (timer.modes() == 2) {
      throw place.at("modes").fault("2 is neither 0, 1 nor 3");
    }
    place.at("mode").between(timer.mode(), 0, STANDS);
    word(place.at("initial"), timer.initial());
    if ((timer.divide() & ~DIVIDE_BITS) != 0) {
      throw place.at("divide").fault(timer.divide() + " has other bits than " + DIVIDE_BITS);
    }
    place.at("periodNanos").between(timer.periodNanos(), 0, LONGEST_PERIOD);
    place.at("leftNanos").between(timer.leftNanos(), timer.armed() ? 1 : 0, Long.MAX_VALUE);
    unsigned(place.at("deadline"), timer.deadline());
    boolean counts = timer.mode() != DEADLINE;
    if (!counts && timer.periodNanos() > 0) {
      throw place.at("periodNanos").fault(timer.periodNanos() + " is of another mode");
    }
    if (counts && timer.periodNanos() > 0) {
      place.at("leftNanos").between(timer.leftNanos(), 0, MOST_LEFT);
    }
    if (timer.armed()) {
      runs(place, timer, counts);
    }
  }

  /** What a timer has that will expire: a period to begin again with, or a deadline. */
  private static void runs(Place place, TimerState timer, boolean counts) {
    long shortest = timer.mode() == PERIODIC ? SHORTEST_PERIOD : counts ? 1 : 0;
    if (timer.periodNanos() < shortest) {
      throw place
          .at("periodNanos")
          .fault(timer.periodNanos() + " is less than " + shortest + ", and it runs");
    }
    if (!counts && timer.deadline().signum() == 0) {
      throw place.at("deadline").fault("0 is none, and it runs");
    }
  }

  private static void pics(Place place, PicState.Pair pics) {
    pic(place.at("master"), pics.master());
    pic(place.at("slave"), pics.slave());
    place.at("pins").size(pics.pins(), PicState.Pair.PINS);
    pins(place.at("pins"), pics.pins());
  }

  private static void pic(Place place, PicState pic) {
    place.at("irr").between(pic.irr(), 0, BYTE);
    place.at("lastIrr").between(pic.lastIrr(), 0, BYTE);
    place.at("imr").between(pic.imr(), 0, BYTE);
    place.at("isr").between(pic.isr(), 0, BYTE);
    place.at("elcr").between(pic.elcr(), 0, BYTE);
    place.at("elcrMask").between(pic.elcrMask(), 0, BYTE);
    place.at("irqBase").between(pic.irqBase(), 0, BYTE);
    place.at("priorityAdd").between(pic.priorityAdd(), 0, BYTE);
    place.at("autoEoi").between(pic.autoEoi(), 0, BYTE);
    place.at("rotateOnAutoEoi").between(pic.rotateOnAutoEoi(), 0, BYTE);
    place.at("specialFullyNestedMode").between(pic.specialFullyNestedMode(), 0, BYTE);
    place.at("specialMask").between(pic.specialMask(), 0, BYTE);
    place.at("initState").between(pic.initState(), 0, BYTE);
    place.at("init4").between(pic.init4(), 0, BYTE);
    place.at("readRegSelect").between(pic.readRegSelect(), 0, BYTE);
    place.at("poll").between(pic.poll(), 0, BYTE);
  }

  private static void pins(Place place, List<IrqLine.PinState> pins) {
    for (int i = 0; i < pins.size(); i++) {
      IrqLine.PinState pin = pins.get(i);
      place
          .at(i)
          .at("heldBy")
          .ascending(pin.heldBy().stream().map(Enum::ordinal).toList(), 0, BYTE);
      moves(place.at(i), !pin.heldBy().isEmpty(), pin.raises(), pin.lowers());
    }
  }

  private static void ioapic(Place place, IoApicState.Whole ioapic, List<VcpuState> vcpus) {
    word(place.at("id"), ioapic.id());
    word(place.at("ioregsel"), ioapic.ioregsel());
    place.at("irr").between(ioapic.irr(), 0, IOAPIC_PINS);
    place.at("delivered").between(ioapic.delivered(), 0, IOAPIC_PINS);
    place.at("entries").size(ioapic.entries(), IoApicState.Whole.PINS);
    for (int i = 0; i < ioapic.entries().size(); i++) {
      unsigned(place.at("entries").at(i), ioapic.entries().get(i));
    }
    place.at("pins").size(ioapic.pins(), IoApicState.Whole.PINS);
    pins(place.at("pins"), ioapic.pins());
    Place rtc = place.at("rtc");
    rtc.at("owed").between(ioapic.rtc().owed(), -MOST_OWED, MOST_OWED);
    Set<Integer> numbers = new HashSet<>();
    vcpus.forEach(vcpu -> numbers.add(vcpu.number()));
    int before = -1;
    for (int i = 0; i < ioapic.rtc().notes().size(); i++) {
      IoApicState.Note note = ioapic.rtc().notes().get(i);
      Place vcpu = rtc.at("notes").at(i).at("vcpu");
      if (!numbers.contains(note.vcpu())) {
        throw vcpu.fault("there is no vCPU " + note.vcpu());
      }
      vcpu.between(note.vcpu(), before + 1L, VmVcpus.MAX_VCPUS - 1L);
      before = note.vcpu();
      rtc.at("notes").at(i).at("vector").between(note.vector(), 0, BYTE);
    }
    storm(place.at("storm"), ioapic.storm());
  }

  private static void storm(Place place, IoApicState.Storm storm) {
    place.at("ends").size(storm.ends(), IoApicState.Whole.PINS);
    for (int i = 0; i < storm.ends().size(); i++) {
      place.at("ends").at(i).between(storm.ends().get(i), 0, IoApicState.Storm.MOST_ENDS - 1L);
    }
    Long left = storm.leftNanos();
    if (left != null) {
      place.at("leftNanos").between(left, 0, IoApicState.Storm.DELAY_NANOS);
    }
  }

  private static void word(Place place, long value) {
    place.between(value, 0, Place.WORD);
  }

  /** 64 bits. */
  static void unsigned(Place place, BigInteger value) {
    if (value.signum() < 0 || value.bitLength() > Long.SIZE) {
      throw place.fault(value + " is outside 0..18446744073709551615");
    }
  }
}
