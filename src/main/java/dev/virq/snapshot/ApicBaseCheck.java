package dev.virq.snapshot;

import dev.virq.lapic.ApicBase;
import dev.virq.lapic.LocalApicState;
import dev.virq.lapic.X2Apic;

/** What the base of a local APIC can have been, and what its mode says of the id. */
final class ApicBaseCheck {
  private ApicBaseCheck() {}

  static void check(Place place, int number, LocalApicState lapic) {
    check(place, lapic.base());
    if ((lapic.base() & ApicBase.EXTENDED) != 0) {
      String why = "as vCPU %d is in x2APIC mode".formatted(number);
      place.at("id").same(lapic.id(), (long) number, why);
      place.at("ldr").same(lapic.ldr(), X2Apic.logicalId(number), why);
    }
  }

  /** The base itself. */
  static void check(Place place, long base) {
    String flaw = ApicBase.flaw(base);
    if (flaw != null) {
      throw place.at("base").fault("%d %s".formatted(base, flaw));
    }
  }
}
