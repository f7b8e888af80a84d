package dev.virq.chip;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * A pin of a chip is high while any of its sources holds it high: the user, or resample irqfds. Its
 * rules are section 5 of {@code src/docs/behaviour.md}.
 */
class PinTest {
  private final Pin pin = new Pin();

  @Test
  void aPinStartsLow() {
    assertThat(pin.level()).isFalse();
  }

  @Test
  void aPinIsHighUntilItsLastSourceLetsGo() {
    pin.drive(IrqSource.USER, true);
    pin.drive(IrqSource.RESAMPLE, true);

    assertThat(pin.drive(IrqSource.USER, false)).isTrue();
    assertThat(pin.drive(IrqSource.RESAMPLE, false)).isFalse();
  }

  @Test
  void oneLoweringUndoesAnyNumberOfRaisesOfItsSource() {
    pin.drive(IrqSource.USER, true);
    pin.drive(IrqSource.USER, true);

    assertThat(pin.drive(IrqSource.USER, false)).isFalse();
  }

  @Test
  void aSourceCannotLowerWhatAnotherHolds() {
    pin.drive(IrqSource.RESAMPLE, true);

    assertThat(pin.drive(IrqSource.USER, false)).isTrue();
  }

  @Test
  void onlyChangesOfTheLevelAreCounted() {
    pin.drive(IrqSource.USER, true);
    pin.drive(IrqSource.RESAMPLE, true);
    pin.drive(IrqSource.USER, false);
    assertThat(pin.raises()).isEqualTo(1);
    assertThat(pin.lowers()).isZero();

    pin.drive(IrqSource.RESAMPLE, false);
    assertThat(pin.raises()).isEqualTo(1);
    assertThat(pin.lowers()).isEqualTo(1);
  }
}
