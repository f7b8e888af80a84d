package dev.virq.chip;

import dev.virq.lapic.ApicBus;
import dev.virq.lapic.Vcpu;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;

/**
 * What is owed for pin 8, the real-time clock: a raise that asks for its status is coalesced until
 * every vCPU that took the last one has ended it. Guests that count ticks rely on the answer. See
 * behaviour.md §11. Not thread-safe: the chip lock is held.
 */
final class RtcTracker implements ApicBus.Acceptance {
  /** The pin. */
  static final int PIN = 8;

  /** The vector that each vCPU has to end, by its number. */
  private final Map<Integer, Integer> notes = new HashMap<>();

  private int owed;

  /** Whether a raise is to be coalesced. */
  boolean owing() {
    return owed > 0;
  }

  /** A delivery of the pin had this answer. */
  void delivered(int answer) {
    owed = Math.max(answer, 0);
  }

  @Override
  public void accepted(Vcpu vcpu, int vector) {
    notes.put(vcpu.number(), vector);
  }

  /** The vCPU has ended a vector. */
  void ended(Vcpu vcpu, int vector) {
    if (notes.remove(vcpu.number(), vector)) {
      owed--;
    }
  }

  /** Adds the vector that the vCPU owes to what it forwards. */
  void forward(Vcpu vcpu) {
    Integer vector = notes.get(vcpu.number());
    if (vector != null) {
      vcpu.forward(vector);
    }
  }

  /** The vCPU's local APIC was restored: its note follows from what is pending there. */
  void resync(Vcpu vcpu, Redirection entry) {
    if (!vcpu.apic().matches(entry.destination(), entry.logical())) {
      return;
    }
    boolean owes = vcpu.apic().owes(entry.vector());
    if (owes == notes.containsKey(vcpu.number())) {
      return;
    }
    if (owes) {
      notes.put(vcpu.number(), entry.vector());
      owed++;
    } else {
      notes.remove(vcpu.number());
      owed--;
    }
  }

  /** All of it at one moment. */
  IoApicState.Rtc whole() {
    return new IoApicState.Rtc(
        owed,
        notes.entrySet().stream()
            .map(note -> new IoApicState.Note(note.getKey(), note.getValue()))
            .sorted(Comparator.comparingInt(IoApicState.Note::vcpu))
            .toList());
  }

  /** Becomes what another was. */
  void become(IoApicState.Rtc state) {
    notes.clear();
    state.notes().forEach(note -> notes.put(note.vcpu(), note.vector()));
    owed = state.owed();
  }

  /** Nothing is owed. */
  void forget() {
    notes.clear();
    owed = 0;
  }

  /** The I/O APIC was restored: all notes follow from what is pending. */
  void rebuild(Iterable<Vcpu> vcpus, Redirection entry) {
    forget();
    vcpus.forEach(vcpu -> resync(vcpu, entry));
  }
}
