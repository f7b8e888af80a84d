package dev.virq.irqchip;

import dev.virq.chip.IoApic;
import dev.virq.clock.SandboxClock;
import dev.virq.lapic.ApicBus;
import org.jspecify.annotations.Nullable;

/**
 * What the chips do by themselves when its time comes: nothing is called then, and whoever takes
 * the chip lock works it out first. Not thread-safe: the chip lock is held.
 */
final class DueWork {
  private final SandboxClock clock;
  private final ApicBus bus;
  private final @Nullable IoApic ioapic;
  private final PitWire pit;

  DueWork(SandboxClock clock, ApicBus bus, @Nullable IoApic ioapic, PitWire pit) {
    this.clock = clock;
    this.bus = bus;
    this.ioapic = ioapic;
    this.pit = pit;
  }

  /** Does all that is due by now. */
  void catchUp() {
    // A running vCPU takes INIT and start-up messages at once; here, before anything can observe
    // the difference.
    bus.takeEvents();
    boolean delivered = ioapic != null && ioapic.deliverPutOff();
    delivered |= pit.pulse();
    boolean timed = bus.timers().any();
    if (timed) {
      bus.timers().expire(!clock.held());
    }
    if (delivered || timed) {
      bus.takeEvents();
    }
  }
}
