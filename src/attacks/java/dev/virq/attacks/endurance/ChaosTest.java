package dev.virq.attacks.endurance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.attacks.endurance.Chaos.Life;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChaosTest {
  private static Life life(String epoch, long acknowledged, long accepted, long lost, int exit) {
    return new Life(epoch, 0, acknowledged, accepted, lost, exit, 0);
  }

  @Test
  void aDrainThatLosesNothingIsFine() {
    assertThat(Chaos.complaints(List.of(life("a", 10, 12, 0, 0), life("b", 9, 9, 0, 0)), false))
        .isEmpty();
    // Nothing tells two lives apart where there is no epoch yet.
    assertThat(Chaos.complaints(List.of(life("", 1, 1, 0, 0), life("", 1, 1, 0, 0)), false))
        .isEmpty();
  }

  @Test
  void eachLossIsFound() {
    assertThat(Chaos.complaints(List.of(life("a", 10, 9, 0, 0)), false)).hasSize(1);
    assertThat(Chaos.complaints(List.of(life("a", 10, 10, 1, 0)), false)).hasSize(1);
    assertThat(Chaos.complaints(List.of(life("a", 10, 10, 0, 1)), false)).hasSize(1);
    // It said nothing.
    assertThat(Chaos.complaints(List.of(life("a", 10, -1, -1, 0)), false)).hasSize(2);
  }

  @Test
  void aKilledOneMayLoseButMustNotBeTakenForTheNext() {
    assertThat(Chaos.complaints(List.of(life("a", 10, -1, -1, 137)), true)).isEmpty();
    assertThat(
            Chaos.complaints(List.of(life("a", 1, -1, -1, 137), life("a", 1, -1, -1, 137)), true))
        .hasSize(1);
  }
}
