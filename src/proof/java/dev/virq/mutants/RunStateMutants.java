package dev.virq.mutants;

import dev.virq.host.VcpuCalls;
import dev.virq.irqchip.GuestPort;
import dev.virq.lapic.LocalApic;
import dev.virq.lapic.Vcpu;
import java.util.List;

/** Broken copies of the run states of a vCPU and of its NMIs. */
final class RunStateMutants {
  private static final String REPLAY = "conformance.TiersTest#everyRecordingIsReplayed";

  private RunStateMutants() {}

  private static Mutant mutant(String id, String sentence, Edit edit) {
    return new Mutant(id, sentence, REPLAY, edit);
  }

  static List<Mutant> all() {
    return List.of(
        mutant(
            "C60",
            "run state: a start-up message ends a halt",
            new Edit(
                Vcpu.class,
                "takeEvents",
                "if (parked()) {",
                "if (runState != RunState.RUNNABLE) {")),
        mutant(
            "C61",
            "run state: an interrupt wakes a halted vCPU with interrupts off",
            new Edit(
                GuestPort.class,
                "wake(Vcpu, boolean)",
                "vcpu.wake(interrupts && (",
                "vcpu.wake((")),
        mutant(
            "C62",
            "run state: a pending vector that cannot be taken wakes a halted vCPU",
            new Edit(
                GuestPort.class,
                "wake(Vcpu, boolean)",
                "vcpu.apic().requests()",
                "!bus.state(vcpu).irr().isEmpty()")),
        mutant(
            "C81",
            "run state: a vector that is pending in a disabled local APIC wakes a halted vCPU",
            new Edit(
                LocalApic.class, "requests", "base.enabled() && deliverable()", "deliverable()")),
        mutant(
            "C63",
            "run state: a vCPU without local APIC can be halted",
            new Edit(
                VcpuCalls.class,
                "setRunState",
                "} else if (state != RunState.RUNNABLE) {",
                "} else if (state == RunState.PARKED) {")),
        mutant(
            "C64",
            "run state: a kick is lost on a vCPU that is not halted",
            new Edit(Vcpu.class, "accept", "kicked = true;", "kicked = runState.halted();")),
        mutant(
            "C65",
            "NMI: one that is masked is taken",
            new Edit(Hidden.NMIS, "take", "if (masked) {", "if (masked && news) {")),
        mutant(
            "C66",
            "NMI: two are pending while they are masked",
            new Edit(Hidden.NMIS, "most", "return masked ? MOST_MASKED : MOST;", "return MOST;")),
        mutant(
            "C67",
            "NMI: INIT leaves them masked",
            new Edit(Hidden.NMIS, "reset", "masked = false;", ";")),
        mutant(
            "C68",
            "NMI: one that came does not wake a halted vCPU while it is masked",
            new Edit(Hidden.NMIS, "wake", "news || (pending", "(pending")),
        mutant(
            "C69",
            "NMI: a vCPU whose NMIs the host clears does not wake by those that came",
            new Edit(Hidden.NMIS, "set", "news |= count > 0;", "news = count > 0;")));
  }
}
