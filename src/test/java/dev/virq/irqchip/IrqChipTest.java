package dev.virq.irqchip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.chip.IoApicState;
import dev.virq.chip.IrqLine;
import dev.virq.chip.IrqSource;
import dev.virq.chip.PicState;
import dev.virq.chip.Redirection;
import dev.virq.lapic.LapicState;
import dev.virq.routing.Chip;
import dev.virq.routing.RoutingEntry;
import dev.virq.routing.RoutingTable;
import dev.virq.testing.Call;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The interrupt controllers of one VM, wired together by its routing table. Shown here is what the
 * recordings cannot show: counters, notifiers, and what is sent at once; the rules are sections 4,
 * 5 and 10 of {@code src/docs/behaviour.md}.
 */
class IrqChipTest {
  private static final int FIXED = 0;
  private static final int GSI = 16;
  private static final int VECTOR = 0x41;

  private final IrqChip chip = new IrqChip(IrqChip.Kind.KERNEL, 0);

  @ParameterizedTest
  @ValueSource(longs = {0, 15, 23})
  void fullControllerRoutesLinesZeroToTwentyThree(long gsi) {
    assertThat(chip.routed(gsi)).isTrue();
    chip.setIrq(IrqSource.USER, gsi, true);
    assertThat(chip.line(gsi)).isEqualTo(new IrqLine(gsi, true, true, 1, 0));
    assertThat(chip.lines()).hasSize(24);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 24, 0xffff_ffffL, 1L << 32, Long.MAX_VALUE})
  void otherLinesLeadNowhere(long gsi) {
    assertThat(chip.routed(gsi)).isFalse();
    assertThat(chip.setIrq(IrqSource.USER, gsi, true)).isEqualTo(-1);
    assertThat(chip.line(gsi)).isEqualTo(new IrqLine(gsi, false, false, 0, 0));
  }

  @Test
  void splitControllerStartsWithoutRoutes() {
    IrqChip split = new IrqChip(IrqChip.Kind.SPLIT, 24);

    assertThat(split.routed(0)).isFalse();
    assertThat(split.setIrq(IrqSource.USER, 0, true)).isEqualTo(-1);
    assertThat(split.lines()).isEmpty();
    assertThat(split.reservedPins()).isEqualTo(24);
    assertThat(split.kind()).isEqualTo(IrqChip.Kind.SPLIT);
  }

  @Test
  void anEdgeIsCoalescedUntilItIsAcknowledged() {
    assertThat(chip.setIrq(IrqSource.USER, 5, true)).isPositive();
    chip.setIrq(IrqSource.USER, 5, false);
    assertThat(chip.setIrq(IrqSource.USER, 5, true)).isZero();

    assertThat(chip.line(5)).isEqualTo(new IrqLine(5, true, true, 2, 1));
  }

  @Test
  void linesDoNotTouchEachOther() {
    chip.setIrq(IrqSource.USER, 5, true);
    chip.setIrq(IrqSource.USER, 5, false);

    assertThat(chip.line(5)).isEqualTo(new IrqLine(5, true, false, 1, 1));
    assertThat(chip.line(4)).isEqualTo(new IrqLine(4, true, false, 0, 0));
    assertThat(chip.line(6)).isEqualTo(new IrqLine(6, true, false, 0, 0));
  }

  @Test
  void lineIsHighWhileAnySourceHoldsIt() {
    chip.setIrq(IrqSource.USER, 5, true);
    chip.setIrq(IrqSource.RESAMPLE, 5, true);

    chip.setIrq(IrqSource.USER, 5, false);
    assertThat(chip.line(5)).isEqualTo(new IrqLine(5, true, true, 1, 0));

    chip.setIrq(IrqSource.RESAMPLE, 5, false);
    assertThat(chip.line(5)).isEqualTo(new IrqLine(5, true, false, 1, 1));
  }

  @Test
  void aNotifierIsToldOfTheEndWithTheLockGivenUp() {
    List<String> seen = new ArrayList<>();
    chip.register(notifier(seen));
    deliverLevel();

    Access end = chip.guest().eoi(0);

    assertThat(seen).containsExactly("acknowledged, remote IRR true");
    assertThat(end.ended()).isEqualTo(VECTOR);
    assertThat(end.told()).containsExactly(7L);
    assertThat(entry().remoteIrr()).isFalse();
  }

  @Test
  void aNotifierThatIsGoneIsNotTold() {
    List<String> seen = new ArrayList<>();
    AckNotifier notifier = notifier(seen);
    chip.register(notifier);
    chip.unregister(notifier);
    deliverLevel();

    assertThat(chip.guest().eoi(0).told()).isEmpty();
    assertThat(seen).isEmpty();
  }

  @Test
  void vectorsInServiceAreThereWhileAnAcknowledgementIsTold() {
    chip.createVcpu(0);
    lapic(0x700, List.of(VECTOR, 0x71), List.of(0x61));
    // ICW1 to ICW4: vectors from 0x20, automatic end of interrupt.
    for (int[] word : new int[][] {{0x20, 0x11}, {0x21, 0x20}, {0x21, 4}, {0x21, 3}}) {
      assertThat(chip.guest().out(0, word[0], word[1]).handled()).isTrue();
    }
    List<Integer> taken = new ArrayList<>();
    chip.register(notifier(5, () -> taken.add(Call.start(() -> chip.host().takeVector(0)).get())));
    chip.setIrq(IrqSource.USER, 5, true);

    assertThat(chip.guest().picAck(0).value()).isEqualTo(0x25);

    assertThat(taken).as("the one above that in service").containsExactly(0x71);
    assertThat(chip.host().lapic(0).isr()).containsExactly(0x61, 0x71);
  }

  @Test
  void aMessageRightAfterAnInitIsNotWiped() {
    chip.createVcpu(0);
    enable();
    chip.route(
        RoutingTable.of(
            List.of(
                new RoutingEntry.Message(1, 0xfee0_0000L, 0x500, 0, 0),
                new RoutingEntry.Message(2, 0xfee0_0000L, 0x400, 0, 0)),
            0,
            true));

    assertThat(chip.sendAtOnce(1)).as("INIT").isEqualTo(1);
    assertThat(chip.sendAtOnce(2)).as("NMI").isEqualTo(1);

    assertThat(chip.host().events(0).nmiPending()).isEqualTo(1);
    assertThat(chip.host().lapic(0).svr()).as("reset").isEqualTo(0xff);
  }

  @Test
  void onlyALineWithOneMessageAndNothingElseIsSentAtOnce() {
    chip.createVcpu(0);
    enable();
    chip.route(
        RoutingTable.of(
            List.of(
                new RoutingEntry.Message(1, 0xfee0_0000L, VECTOR, 0, 0),
                new RoutingEntry.Message(2, 0xfeef_f000L, VECTOR, 0, 0),
                new RoutingEntry.Pin(3, 2, 3, 0)),
            0,
            true));

    assertThat(chip.sendAtOnce(1)).isEqualTo(1);
    assertThat(chip.sendAtOnce(2)).as("a broadcast takes a walk").isEqualTo(IrqChip.NOT_AT_ONCE);
    assertThat(chip.sendAtOnce(3)).isEqualTo(IrqChip.NOT_AT_ONCE);
    assertThat(chip.sendAtOnce(4)).isEqualTo(IrqChip.NOT_AT_ONCE);
    assertThat(chip.host().lapic(0).irr()).containsExactly(VECTOR);
  }

  @Test
  void snapshotsDoNotChange() {
    PicState pic = chip.host().pic(Chip.MASTER);
    IoApicState ioapic = chip.host().ioapic();

    chip.setIrq(IrqSource.USER, 5, true);
    deliverLevel();

    assertThat(pic.irr()).isZero();
    assertThat(ioapic.pins()).hasSize(24).allMatch(Redirection::masked);
    assertThat(chip.host().pic(Chip.MASTER).irr()).isEqualTo(1 << 5);
  }

  private AckNotifier notifier(List<String> seen) {
    return notifier(
        GSI,
        () -> {
          // Another thread can use the chips meanwhile: this one holds no lock.
          Redirection now = Call.start(this::entry).get();
          seen.add("acknowledged, remote IRR " + now.remoteIrr());
        });
  }

  private static AckNotifier notifier(long gsi, Runnable acknowledged) {
    return new AckNotifier() {
      @Override
      public long gsi() {
        return gsi;
      }

      @Override
      public List<Long> acknowledged() {
        acknowledged.run();
        return List.of(7L);
      }

      @Override
      public List<Long> unmasked() {
        return List.of();
      }
    };
  }

  private void deliverLevel() {
    chip.createVcpu(0);
    enable();
    chip.host()
        .changeIoapic(state ->
            state.withPin(GSI, Redirection.of(VECTOR, FIXED, false, 0, false, true, false, false)));
    assertThat(chip.setIrq(IrqSource.USER, GSI, true)).isEqualTo(1);
    chip.setIrq(IrqSource.USER, GSI, false);
    assertThat(chip.host().takeVector(0)).isEqualTo(VECTOR);
    assertThat(entry().remoteIrr()).isTrue();
  }

  private void enable() {
    LapicState now = chip.host().lapic(0);
    lapic(now.lvt0(), now.irr(), now.isr());
  }

  /** vCPU 0's local APIC, enabled. */
  private void lapic(int lvt0, List<Integer> irr, List<Integer> isr) {
    chip.host()
        .changeLapic(
            0,
            state ->
                new LapicState(
                    state.id(),
                    0x1ff,
                    state.tpr(),
                    state.ppr(),
                    state.ldr(),
                    state.dfr(),
                    state.esr(),
                    state.lvtt(),
                    lvt0,
                    state.lvt1(),
                    irr,
                    isr,
                    state.tmr()));
  }

  private Redirection entry() {
    return chip.host().ioapic().pins().get(GSI);
  }
}
