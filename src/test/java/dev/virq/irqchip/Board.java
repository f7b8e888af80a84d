package dev.virq.irqchip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.chip.IrqSource;
import dev.virq.chip.Redirection;
import dev.virq.lapic.LapicState;
import dev.virq.routing.RoutingEntry;
import dev.virq.routing.RoutingTable;
import java.util.ArrayList;
import java.util.List;

/**
 * All chips of a VM with vCPU 0, whose local APIC is enabled, and the words to use them in tests.
 */
final class Board {
  static final int VECTOR = 0x41;
  static final boolean EDGE = false;
  static final boolean LEVEL = true;

  private static final int SVR = 0xf0;
  private static final int FIXED = 0;

  private final IrqChip chip;
  private final List<String> told = new ArrayList<>();

  private Board(IrqChip chip) {
    this.chip = chip;
    chip.createVcpu(0);
    chip.guest().lapicWrite(0, SVR, 0x1ff);
  }

  static Board full() {
    return new Board(new IrqChip(IrqChip.Kind.KERNEL, 0));
  }

  static Board split(int reservedPins) {
    return new Board(new IrqChip(IrqChip.Kind.SPLIT, reservedPins));
  }

  IrqChip chip() {
    return chip;
  }

  /** Unmasks a pin of the I/O APIC: its vector goes to vCPU 0. */
  void entry(int pin, int vector, boolean level) {
    entry(pin, Redirection.of(vector, FIXED, false, 0, false, level, false, false));
  }

  void entry(int pin, Redirection entry) {
    chip.host().changeIoapic(state -> state.withPin(pin, entry));
  }

  Redirection entry(int pin) {
    return chip.host().ioapic().pins().get(pin);
  }

  void route(RoutingEntry... entries) {
    boolean chips = chip.kind() != IrqChip.Kind.SPLIT;
    chip.route(RoutingTable.of(List.of(entries), 0, chips));
  }

  static RoutingEntry ioapicPin(long gsi, int pin) {
    return new RoutingEntry.Pin(gsi, 2, pin, 0);
  }

  /** A message to vCPU 0. */
  static RoutingEntry message(long gsi, int vector, boolean level) {
    return new RoutingEntry.Message(gsi, 0xfee0_0000L, vector | (level ? 1 << 15 : 0), 0, 0);
  }

  int raise(long gsi) {
    return chip.setIrq(IrqSource.USER, gsi, true);
  }

  int lower(long gsi) {
    return chip.setIrq(IrqSource.USER, gsi, false);
  }

  void pulse(long gsi) {
    int _ = raise(gsi);
    int _ = lower(gsi);
  }

  LapicState lapic() {
    return chip.host().lapic(0);
  }

  /** vCPU 0 takes its next vector, which has to be this one. */
  void take(int vector) {
    assertThat(chip.host().takeVector(0)).isEqualTo(vector);
  }

  /** vCPU 0 ends its highest interrupt. */
  Access end() {
    return chip.guest().eoi(0);
  }

  /** Begins to keep, in {@link #told}, what a notifier of the line is told. */
  void listen(long gsi) {
    chip.register(
        new AckNotifier() {
          @Override
          public long gsi() {
            return gsi;
          }

          @Override
          public List<Long> acknowledged() {
            told.add(gsi + " acknowledged");
            return List.of(gsi);
          }

          @Override
          public List<Long> unmasked() {
            told.add(gsi + " unmasked");
            return List.of(gsi);
          }
        });
  }

  List<String> told() {
    return List.copyOf(told);
  }
}
