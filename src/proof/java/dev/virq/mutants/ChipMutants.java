package dev.virq.mutants;

import dev.virq.chip.Redirection;
import dev.virq.host.VcpuCalls;
import dev.virq.irqchip.GuestMsrs;
import dev.virq.irqchip.GuestPort;
import dev.virq.irqchip.IrqChip;
import dev.virq.lapic.ApicBase;
import dev.virq.lapic.ApicBus;
import dev.virq.lapic.ApicTimers;
import dev.virq.lapic.LocalApic;
import dev.virq.lapic.Vcpu;
import dev.virq.routing.RoutingTable;
import java.util.List;
import java.util.stream.Stream;

/** Three broken copies of each chip. Nothing but the recorded answers of the kernel guards them. */
final class ChipMutants {

  private static final String REPLAY = "conformance.TiersTest#everyRecordingIsReplayed";

  private ChipMutants() {}

  static List<Mutant> all() {
    return Stream.of(
            pic(),
            ioapic(),
            lapic(),
            delivery(),
            routing(),
            resampler(),
            rtc(),
            access(),
            timer(),
            boot(),
            nmi(),
            RunStateMutants.all(),
            x2apic(),
            storm(),
            pit())
        .flatMap(List::stream)
        .toList();
  }

  private static Mutant mutant(String id, String sentence, Edit edit) {
    return new Mutant(id, sentence, REPLAY, edit);
  }

  private static List<Mutant> pic() {
    return List.of(
        mutant(
            "C1",
            "8259: a masked line latches no edge",
            new Edit(
                Hidden.PIC,
                "setLine",
                "if ((lastIrr & bit) == 0) {",
                "if (((lastIrr | imr) & bit) == 0) {")),
        mutant(
            "C2",
            "8259: acknowledgement drops a level request",
            new Edit(
                Hidden.PIC, "acknowledge", "if ((elcr & 1 << line) == 0) {", "if (line >= 0) {")),
        mutant(
            "C3",
            "8259: special fully nested mode is ignored",
            new Edit(Hidden.PIC, "wanted", "inService &= ~(1 << CASCADE);", "inService &= ~0;")));
  }

  private static List<Mutant> ioapic() {
    return List.of(
        mutant(
            "C4",
            "I/O APIC: remote IRR only when somebody accepted",
            new Edit(
                Hidden.IO_APIC,
                "service",
                "if (answer != 0 && entry.level())",
                "if (answer > 0 && entry.level())")),
        mutant(
            "C5",
            "I/O APIC: the end at a masked pin leaves remote IRR",
            new Edit(
                Hidden.IO_APIC,
                "ended",
                "entries[pin] = entries[pin].withRemoteIrr(false);",
                "entries[pin] = entries[pin].withRemoteIrr(entries[pin].masked());")),
        mutant(
            "C6",
            "I/O APIC: a guest's unmasking delivers a held edge",
            new Edit(Hidden.IO_APIC, "writeEntry", "if (after.level() && (irr", "if ((irr")));
  }

  private static List<Mutant> lapic() {
    return List.of(
        mutant(
            "C7",
            "local APIC: a vector of the class in service can be taken",
            new Edit(
                Hidden.PENDING_VECTORS,
                "deliverable",
                "(vector & 0xf0) > (ppr & 0xf0)",
                "(vector & 0xf0) >= (ppr & 0xf0)")),
        mutant(
            "C8",
            "local APIC: the end of interrupt clears the trigger mode",
            new Edit(
                Hidden.PENDING_VECTORS,
                "end",
                "isr.remove(vector);",
                "isr.remove(vector); tmr.remove(vector);")),
        mutant(
            "C9",
            "local APIC: disabling masks no local vector",
            new Edit(Hidden.LOCAL_VECTORS, "mask", "|= MASKED;", "|= 0;")));
  }

  private static List<Mutant> delivery() {
    return List.of(
        mutant(
            "C10",
            "delivery: lowest priority goes to the first bit",
            new Edit(Hidden.APIC_MAP, "targets", "message.vector() % Integer.bitCount(mask)", "0")),
        mutant(
            "C11",
            "delivery: a new vCPU is in the map at once",
            new Edit(
                ApicBus.class,
                "create",
                "byNumber.put(number, vcpu);",
                "byNumber.put(number, vcpu); rebuild();")),
        mutant(
            "C12",
            "delivery: a physical broadcast of lowest priority goes to one",
            new Edit(ApicBus.class, "walk", "message = asked.asFixed();", "message = asked;")),
        mutant(
            "C85",
            "delivery: a refused restore of a local APIC makes a new map",
            new Edit(
                ApicBus.class,
                "restore",
                "} else if (vcpu.apic().loadSpurious(state)) {",
                "} else if (vcpu.apic().loadSpurious(state) || refusal != null) {")),
        mutant(
            "C86",
            "delivery: a refused restore that enables a local APIC makes no new map",
            new Edit(
                ApicBus.class,
                "restore",
                "} else if (vcpu.apic().loadSpurious(state)) {",
                "} else if (vcpu.apic().loadSpurious(state) && refusal == null) {")));
  }

  private static List<Mutant> routing() {
    return List.of(
        mutant(
            "C13",
            "routing: the first route that answers is the status",
            new Edit(
                IrqChip.class,
                "drive(IrqSource, long, boolean, boolean)",
                "status = Math.max(status, 0) + answer;",
                "status = Math.max(status, answer);")),
        mutant(
            "C14",
            "routing: a line may lead to two pins of one chip",
            new Edit(RoutingTable.class, "requireFits", "&& one.chip() != two.chip();", ";")),
        mutant(
            "C15",
            "routing: a message is sent when its line falls too",
            new Edit(
                IrqChip.class,
                "drive(Route, IrqSource, boolean, boolean)",
                "case Route.Send send when high && sendable(send)",
                "case Route.Send send when sendable(send)")));
  }

  private static List<Mutant> resampler() {
    return List.of(
        mutant(
            "C16",
            "resampler: the end of interrupt does not lower the line",
            new Edit(
                Hidden.RESAMPLER,
                "acknowledged",
                "int _ = chip.setIrq(IrqSource.RESAMPLE, gsi, false);",
                "int _ = chip.setIrq(IrqSource.RESAMPLE, 1L << 32, false);")),
        mutant(
            "C17",
            "resampler: the end of interrupt lowers the user's source",
            new Edit(
                Hidden.RESAMPLER,
                "acknowledged",
                "int _ = chip.setIrq(IrqSource.RESAMPLE, gsi, false);",
                "int _ = chip.setIrq(IrqSource.USER, gsi, false);")),
        mutant(
            "C18",
            "resampler: unmasking a pending pin delivers it",
            new Edit(
                Hidden.IO_APIC,
                "writeEntry",
                "if (acks.hasResampler(Chip.IOAPIC, pin)) {",
                "if (pin < 0) {")),
        mutant(
            "C83",
            "resampler: the irqfd that was bound first is signalled first",
            new Edit(Hidden.RESAMPLER, "signalAll", "all.reversed()", "all")),
        mutant(
            "C84",
            "the PIT's next tick comes within the end that lets it",
            new Edit(
                IrqChip.class,
                "takeLockWithNothingDue",
                "!Thread.currentThread().equals(telling)",
                "true")));
  }

  private static List<Mutant> rtc() {
    return List.of(
        mutant(
            "C19",
            "pin 8: a raise that asks for its status is never coalesced",
            new Edit(Hidden.RTC_TRACKER, "owing", "return owed > 0;", "return owed > 99;")),
        mutant(
            "C20",
            "pin 8: a raise that asks for no status is coalesced too",
            new Edit(
                Hidden.IO_APIC,
                "setLevel",
                "if (pin == RtcTracker.PIN && tracked && rtc.owing())",
                "if (pin == RtcTracker.PIN && rtc.owing())")),
        mutant(
            "C21",
            "pin 8: a restore of a local APIC does not follow what is pending there",
            new Edit(
                Hidden.RTC_TRACKER,
                "resync",
                "if (owes == notes.containsKey(vcpu.number())) {",
                "if (owed >= 0) {")));
  }

  private static List<Mutant> timer() {
    return List.of(
        mutant(
            "C25",
            "timer: a restore leaves a one-shot that has run out alone",
            new Edit(
                Hidden.LAPIC_TIMER,
                "restore",
                "start(nanos);",
                "if (nanos > 0) { start(nanos); }")),
        mutant(
            "C26",
            "timer: an expiry is an interrupt before the vCPU runs",
            new Edit(ApicTimers.class, "expire", "if (running) {", "if (running || true) {")),
        mutant(
            "C27",
            "timer: another divider leaves a count that has run out alone",
            new Edit(
                Hidden.LAPIC_TIMER,
                "divide(int)",
                "restart(now);",
                "if (target > now) { restart(now); }")),
        mutant(
            "C28",
            "timer: what expires while it is masked is lost",
            new Edit(
                Hidden.LAPIC_TIMER,
                "takeExpiry",
                "if (masked || (kept && !looked)) {",
                "if (kept && !looked) {")));
  }

  private static List<Mutant> storm() {
    return List.of(
        mutant(
            "C70",
            "storm: no delivery is put off",
            new Edit(
                Hidden.STORM_THROTTLE,
                "ended",
                "if (ends[pin] < MOST_ENDS) {",
                "if (ends[pin] <= Integer.MAX_VALUE) {")),
        mutant(
            "C71",
            "storm: ends that find the line low count, too",
            new Edit(
                Hidden.STORM_THROTTLE, "ended", "if (!high) {", "if (!high && ends[pin] == 0) {")),
        mutant(
            "C72",
            "storm: what is put off is not delivered later",
            new Edit(
                Hidden.STORM_THROTTLE,
                "over",
                "due <= clock.getAsLong()",
                "due < -clock.getAsLong()")),
        mutant(
            "C73",
            "storm: only pins in a storm are looked at when it is over",
            new Edit(
                Hidden.IO_APIC,
                "deliverPutOff",
                "if (entries[pin].level() && (irr & 1 << pin) != 0) {",
                "if (pin == 16 && entries[pin].level() && (irr & 1 << pin) != 0) {")));
  }

  private static List<Mutant> pit() {
    return List.of(
        mutant(
            "C74",
            "PIT: a tick does not wait for the acknowledgement of the one before",
            new Edit(Hidden.PIT_TICKS, "pulses", "if (!acknowledged) {", "if (pending < 0) {")),
        mutant(
            "C75",
            "PIT: missed ticks are not made up for",
            new Edit(
                Hidden.PIT_TICKS,
                "acknowledge",
                "wanted |= pending > 0;",
                "wanted |= pending < 0;")),
        mutant(
            "C76",
            "PIT: unmasking line 0 leaves missed ticks",
            new Edit(
                Hidden.PIT_WIRE,
                "unmasked",
                "if (gsi == LINE && one != null) {",
                "if (gsi == LINE + 1 && one != null) {")),
        mutant(
            "C77",
            "PIT: the watchdog reaches those vCPUs only that take it for an NMI",
            new Edit(
                Hidden.PIT_WIRE,
                "watchdog",
                "if ((lint0 & MASKED) == 0 && vcpu.apic().base().enabled()) {",
                "if ((lint0 & (MASKED | MODE)) == MODE_NMI) {")),
        mutant(
            "C78",
            "PIT: a status hides nothing of a latched count",
            new Edit(
                Hidden.PIT_CHANNEL,
                "read",
                "if (statusLatched != 0) {",
                "if (statusLatched != 0 && countLatched == 0) {")),
        mutant(
            "C82",
            "PIT: half of the largest count is more than nothing",
            new Edit(Hidden.PIT_CHANNEL, "output", "(count + 1 & WORD) >> 1", "(count + 1) >> 1")));
  }

  private static List<Mutant> boot() {
    return List.of(
        mutant(
            "C29",
            "boot processor: INIT leaves vCPU 0 running, whichever was chosen",
            new Edit(
                Vcpu.class,
                "takeEvents",
                "setRunState(apic.base().boot() ? RunState.RUNNABLE : RunState.PARKED);",
                "setRunState(number == 0 ? RunState.RUNNABLE : RunState.PARKED);")),
        mutant(
            "C30",
            "boot processor: the 8259 pair begins connected to vCPU 0, whichever was chosen",
            new Edit(LocalApic.class, "reset", "lvt.reset(boot);", "lvt.reset(number == 0);")),
        mutant(
            "C31",
            "boot processor: a choice after the first vCPU is taken",
            new Edit(Hidden.VCPUS, "choose", "if (count() > 0) {", "if (count() > 1024) {")),
        mutant(
            "C32",
            "boot processor: the number past that of any vCPU is refused",
            new Edit(
                Hidden.VCPUS,
                "choose",
                "if (vcpu < 0 || vcpu > VmVcpus.MAX_BOOT_VCPU) {",
                "if (vcpu < 0 || vcpu >= VmVcpus.MAX_BOOT_VCPU) {")));
  }

  private static List<Mutant> nmi() {
    return List.of(
        mutant(
            "C33",
            "NMI: a third one is pending, too",
            new Edit(
                Hidden.NMIS,
                "raise",
                "pending = Math.min(most(masked), pending + 1);",
                "pending = pending + 1;")),
        mutant(
            "C34",
            "NMI: one for a parked vCPU is lost",
            new Edit(Vcpu.class, "raiseNmi", "nmis.raise();", "if (!parked()) { nmis.raise(); }")),
        mutant(
            "C35",
            "NMI: a vCPU without controller never takes it",
            new Edit(
                VcpuCalls.class,
                "guest(long, long, Function<VmFile, Access>, Function<GuestPort, Access>)",
                "int taken = entry.vm().vcpus().takeNmis(vcpu);",
                "int taken = entry.vm().vcpus().plain(vcpu).nmis();")));
  }

  private static List<Mutant> x2apic() {
    return List.of(
        mutant(
            "C36",
            "x2APIC: the logical id is left when the mode begins",
            new Edit(LocalApic.class, "rebase", "ldr = Destinations.logical(number);", "ldr = 0;")),
        mutant(
            "C37",
            "x2APIC: 255 is a broadcast for a sender in that mode, too",
            new Edit(
                Hidden.APIC_MAP,
                "isBroadcast",
                "wide ? Message.WIDE_BROADCAST : Message.BROADCAST",
                "Message.BROADCAST")),
        mutant(
            "C38",
            "APIC base: a guest goes from x2APIC to xAPIC mode",
            new Edit(
                ApicBase.class,
                "refusal",
                "if (guest && extended() && !x2apic && (next & ENABLED) != 0) {",
                "if (guest && extended() && !x2apic && (next & ENABLED) < 0) {")),
        mutant(
            "C39",
            "APIC base: INIT asks who was chosen as boot processor, not the base",
            new Edit(
                Vcpu.class,
                "takeEvents",
                "setRunState(apic.base().boot() ?",
                "setRunState(apic.boot() ?")),
        mutant(
            "C40",
            "x2APIC: the upper bits of a message's destination are ignored",
            new Edit(
                IrqChip.class,
                "message(Route.Send)",
                "send.message(bus.api().wideIds())",
                "send.message(false)")),
        mutant(
            "C79",
            "x2APIC: without a local APIC an end of interrupt is an access nobody claims",
            new Edit(GuestMsrs.class, "plainEnd", "base.extended() ?", "base.value() < 0 ?")),
        mutant(
            "C80",
            "timer: pic_ack drops what the timer has left",
            new Edit(
                GuestPort.class,
                "picAck",
                "Access ran = runLocked(one, running -> Access.DONE);",
                "Access ran = Access.DONE;")));
  }

  private static List<Mutant> access() {
    return List.of(
        mutant(
            "C22",
            "access: what the local APIC does not answer reads as ones",
            new Edit(
                ApicBus.class,
                "read",
                "if (read != LocalApic.NOT_READABLE) {",
                "if (read >= LocalApic.NOT_READABLE) {")),
        mutant(
            "C23",
            "access: a load across the end of the page is the local APIC's alone",
            new Edit(Hidden.GUEST_MEMORY, "load", "claimed &= rest;", "claimed |= rest;")),
        mutant(
            "C24",
            "restore: the reserved bits of an entry are cleared",
            new Edit(Redirection.class, "with", "(bits & ~FIELDS)", "(bits & 0L)")));
  }
}
