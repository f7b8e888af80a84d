package dev.virq.irqchip;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IrqChipTest {
  private final IrqChip chip = new IrqChip(IrqChip.Kind.KERNEL, 0);

  @ParameterizedTest
  @ValueSource(longs = {0, 15, 23})
  void fullControllerRoutesLinesZeroToTwentyThree(long gsi) {
    assertThat(chip.routed(gsi)).isTrue();
    assertThat(chip.setIrq(IrqSource.USER, gsi, true)).isPositive();
    assertThat(chip.line(gsi)).isEqualTo(new IrqLine(gsi, true, true, 1, 0));
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
    assertThat(split.reservedPins()).isEqualTo(24);
    assertThat(split.kind()).isEqualTo(IrqChip.Kind.SPLIT);
  }

  @Test
  void raisingALineThatIsHighIsCoalesced() {
    assertThat(chip.setIrq(IrqSource.USER, 5, true)).isPositive();
    assertThat(chip.setIrq(IrqSource.USER, 5, true)).isZero();

    assertThat(chip.line(5)).isEqualTo(new IrqLine(5, true, true, 1, 0));
  }

  @Test
  void edgesAreCountedAndLinesDoNotTouchEachOther() {
    for (int i = 0; i < 3; i++) {
      assertThat(chip.setIrq(IrqSource.USER, 5, true)).isPositive();
      assertThat(chip.setIrq(IrqSource.USER, 5, false)).isPositive();
      assertThat(chip.setIrq(IrqSource.USER, 5, false)).isPositive();
    }

    assertThat(chip.line(5)).isEqualTo(new IrqLine(5, true, false, 3, 3));
    assertThat(chip.line(4)).isEqualTo(new IrqLine(4, true, false, 0, 0));
    assertThat(chip.line(6)).isEqualTo(new IrqLine(6, true, false, 0, 0));
  }

  @Test
  void lineIsHighWhileAnySourceHoldsIt() {
    assertThat(chip.setIrq(IrqSource.USER, 5, true)).isPositive();
    assertThat(chip.setIrq(IrqSource.RESAMPLE, 5, true)).isZero();

    chip.setIrq(IrqSource.USER, 5, false);
    assertThat(chip.line(5)).isEqualTo(new IrqLine(5, true, true, 1, 0));

    chip.setIrq(IrqSource.RESAMPLE, 5, false);
    assertThat(chip.line(5)).isEqualTo(new IrqLine(5, true, false, 1, 1));
  }
}
