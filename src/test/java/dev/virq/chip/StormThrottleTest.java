package dev.virq.chip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.clock.SandboxClock;
import org.junit.jupiter.api.Test;

/** Interrupt storms, by a clock that the test moves: section 7.8 of {@code behaviour.md}. */
class StormThrottleTest {
  private static final int PIN = 16;

  private final SandboxClock clock = SandboxClock.standing();
  private final StormThrottle storm = new StormThrottle(clock);

  private void ends(int pin, int times) {
    for (int i = 0; i < times; i++) {
      assertThat(storm.ended(pin, true)).as("end %d", i + 1).isTrue();
    }
  }

  @Test
  void theTenThousandthEndInARowPutsTheDeliveryOff() {
    ends(PIN, 9_999);

    assertThat(storm.ended(PIN, true)).isFalse();

    clock.advance(9_999_999);
    assertThat(storm.over()).isFalse();
    clock.advance(1);
    assertThat(storm.over()).isTrue();
    assertThat(storm.over()).as("once").isFalse();
  }

  @Test
  void theCountBeginsAgainAfterThat() {
    ends(PIN, 9_999);
    assertThat(storm.ended(PIN, true)).isFalse();

    ends(PIN, 9_999);

    assertThat(storm.ended(PIN, true)).isFalse();
  }

  @Test
  void anEndThatFindsTheLineLowBeginsTheCountAgain() {
    ends(PIN, 9_999);

    assertThat(storm.ended(PIN, false)).isFalse();

    ends(PIN, 9_999);
  }

  @Test
  void pinsAreCountedApartAndShareTheDelay() {
    ends(PIN, 9_999);
    ends(PIN + 1, 9_999);
    assertThat(storm.ended(PIN, true)).isFalse();
    clock.advance(6_000_000);
    assertThat(storm.ended(PIN + 1, true)).isFalse();

    clock.advance(4_000_000);

    assertThat(storm.over()).as("by the first").isTrue();
    clock.advance(10_000_000);
    assertThat(storm.over()).as("not once more").isFalse();
  }

  @Test
  void whatItBecomesGoesOnFromThere() {
    ends(PIN, 9_999);
    assertThat(storm.ended(PIN, true)).isFalse();
    ends(PIN, 5_000);
    clock.advance(4_000_000);
    SandboxClock other = SandboxClock.standing();
    StormThrottle copy = new StormThrottle(other);

    copy.become(storm.whole(clock.now()), other.now());

    assertThat(copy.whole(other.now())).isEqualTo(storm.whole(clock.now()));
    other.advance(5_999_999);
    assertThat(copy.over()).isFalse();
    other.advance(1);
    assertThat(copy.over()).isTrue();
    for (int i = 0; i < 4_999; i++) {
      assertThat(copy.ended(PIN, true)).isTrue();
    }
    assertThat(copy.ended(PIN, true)).isFalse();
  }
}
