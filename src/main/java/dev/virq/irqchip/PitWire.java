package dev.virq.irqchip;

import dev.virq.clock.SandboxClock;
import dev.virq.lapic.ApicBus;
import dev.virq.lapic.Vcpu;
import dev.virq.message.DeliveryMode;
import dev.virq.message.Message;
import dev.virq.pit.Pit;
import dev.virq.pit.PitWhole;
import org.jspecify.annotations.Nullable;

/**
 * The PIT of a controller, if it has one, and where its ticks go: to line 0, and to the LINT0 of
 * the vCPUs while one of them takes it for NMIs, which guests use as a watchdog. See behaviour.md
 * §17. Not thread-safe: the chip lock is held.
 */
final class PitWire {
  /** The line that counter 0 drives. */
  static final long LINE = 0;

  private static final int MASKED = 1 << 16;
  private static final int MODE = 0x700;
  private static final int MODE_NMI = 0x400;
  private static final int LEVEL = 1 << 15;

  /** Drives the line. */
  interface Line {
    /** Raises or lowers it. */
    void drive(boolean high);
  }

  private final SandboxClock clock;
  private final ApicBus bus;
  private final Line line;
  private @Nullable Pit pit;

  PitWire(SandboxClock clock, ApicBus bus, Line line) {
    this.clock = clock;
    this.bus = bus;
    this.line = line;
  }

  /** The PIT, or null. */
  @Nullable Pit pit() {
    return pit;
  }

  /** There is one now. */
  void create(boolean speaker) {
    pit = new Pit(clock, speaker);
    bus.makeStale();
  }

  /** What the PIT is at that time; null when there is none. */
  @Nullable PitWhole whole(long now) {
    Pit one = pit;
    return one == null ? null : one.whole(now);
  }

  /** Becomes what another was, from that time on, and nothing follows from it. */
  void become(@Nullable PitWhole state, long now) {
    pit = state == null ? null : new Pit(clock, state, now);
  }

  /** Says whether missed ticks are made up for. */
  void reinject(Pit one, boolean on) {
    if (one.reinjects() != on) {
      one.reinject(on);
      bus.makeStale();
    }
  }

  // ---- what it hears of line 0

  /** Whether acknowledgements of that line matter to it. */
  boolean watches(int gsi) {
    Pit one = pit;
    return gsi == LINE && one != null && one.reinjects();
  }

  void acknowledged(int gsi) {
    Pit one = pit;
    if (gsi == LINE && one != null) {
      one.acknowledged();
    }
  }

  void unmasked(int gsi) {
    Pit one = pit;
    if (gsi == LINE && one != null) {
      one.unmasked();
    }
  }

  // ---- what it does

  /**
   * Gives line 0 the pulses that are due.
   *
   * @return whether there were any
   */
  boolean pulse() {
    Pit one = pit;
    int pulses = one == null ? 0 : one.pulses();
    for (int i = 0; i < pulses; i++) {
      line.drive(true);
      line.drive(false);
      watchdog();
    }
    return pulses > 0;
  }

  private void watchdog() {
    boolean on =
        bus.vcpus().stream().anyMatch(vcpu -> (vcpu.apic().lint0() & (MASKED | MODE)) == MODE_NMI);
    if (!on) {
      return;
    }
    for (Vcpu vcpu : bus.vcpus()) {
      int lint0 = vcpu.apic().lint0();
      if ((lint0 & MASKED) == 0 && vcpu.apic().base().enabled()) {
        int _ = bus.deliver(local(lint0), vcpu, ApicBus.Acceptance.UNTOLD);
      }
    }
  }

  private static Message local(int lint0) {
    return new Message(
        0,
        false,
        DeliveryMode.of(lint0 >> 8),
        lint0 & 0xff,
        (lint0 & LEVEL) != 0,
        true,
        false,
        Message.Shorthand.SELF);
  }
}
