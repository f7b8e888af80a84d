package dev.virq.attacks.endurance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FlatnessTest {
  @Test
  void aSeriesThatStaysIsFlat() {
    long[] series = {50, 90, 100, 101, 99, 100, 101, 100, 99};

    assertThat(Flatness.complaint("heap", series, 0.03, 0)).isEmpty();
  }

  @Test
  void aSeriesThatGrowsIsNot() {
    long[] series = {50, 90, 100, 101, 102, 103, 107, 108, 109};

    assertThat(Flatness.complaint("heap", series, 0.03, 0)).hasValue("heap grew from 102 to 108");
    assertThat(Flatness.complaint("heap", series, 0.03, 5)).isEmpty();
  }

  @Test
  void tooFewFiguresSayNothing() {
    assertThat(Flatness.complaint("heap", new long[] {1, 10, 100}, 0.03, 0)).isEmpty();
  }
}
