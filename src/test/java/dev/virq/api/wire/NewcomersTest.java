package dev.virq.api.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NewcomersTest {
  private final Newcomers newcomers = new Newcomers();

  private void come(int count) {
    for (int i = 0; i < count; i++) {
      newcomers.comes();
    }
  }

  @Test
  void nextIsTakenAtOnceWhileFewWait() {
    come(Newcomers.MOST - 1);
    assertThat(newcomers.beforeNext()).isZero();
  }

  @Test
  void nextIsKeptWaitingWhileManyWait() {
    come(Newcomers.MOST);
    assertThat(newcomers.beforeNext()).isPositive();
    newcomers.begins();
    assertThat(newcomers.beforeNext()).isZero();
  }

  @Test
  void nextIsTakenSomeTimeAlthoughNoneBegins() {
    come(2 * Newcomers.MOST);
    assertThat(newcomers.beforeNext()).isEqualTo(Newcomers.LOOKS);
  }
}
